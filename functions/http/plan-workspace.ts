import { stringify } from 'yaml';
import type { PreviewAnswer } from '../../shared/reconcile/preview-plan.ts';
import { answerPreview } from '../../shared/reconcile/preview-plan.ts';
import { queryWord } from './query.ts';
import { readBody } from './read-body.ts';
import { clusterOf, route } from './route.ts';
import { invalidResponse } from './status.ts';

/** What the query `manifests` may say: objects in the answer, or a text of YAML documents. */
const manifestForms = ['false', 'true', 'json', 'yaml'];

route({
  name: 'previewPlan',
  method: 'POST',
  route: 'plan',
  async handle(request, services) {
    const cluster = clusterOf(request, services);
    const form = queryWord(request, 'manifests', manifestForms) ?? 'false';
    const body = await readBody(request);
    if (!body.ok) return body.response;
    const { document } = body;
    const result = await answerPreview(services, { document, cluster, manifests: form !== 'false' });
    if (!result.ok) return invalidResponse(result.faults);
    return { jsonBody: form === 'yaml' ? withYaml(result.answer) : result.answer };
  },
});

function withYaml({ manifests, ...answer }: PreviewAnswer): object {
  if (manifests === undefined) return answer;
  return { ...answer, manifests: manifests.map((object) => stringify(object)).join('---\n') };
}
