/**
 * Shell script that copies an image with skopeo, unpacks its layers and moves its `/data` to a folder.
 * It tries without credentials, then with every file under `$HOME/.docker/config.d`.
 * @param image full reference
 * @param target folder that the data becomes; what an earlier try left there goes
 */
export function pullScript(image: string, target: string): string {
  return `set -eu
image=${quoted(`docker://${image}`)}
target=${quoted(target)}
work=$(mktemp -d)
pull() { rm -rf "$work/image"; skopeo copy "$@" "$image" "dir:$work/image"; }
pulled=false
if pull; then pulled=true; else
  for auth in $(find "$HOME/.docker/config.d" -follow -name '*.json' 2>/dev/null); do
    if pull --src-authfile "$auth"; then pulled=true; break; fi
  done
fi
[ "$pulled" = true ] || { echo "cannot pull $image" >&2; exit 1; }
mkdir -p "$work/root"
for digest in $(sed 's/[{},]/\\n/g' "$work/image/manifest.json" | awk '/"layers"/ {on=1} on' | sed -n 's/.*"digest": *"sha256:\\([0-9a-f]*\\)".*/\\1/p'); do
  tar -xf "$work/image/$digest" -C "$work/root"
done
[ -d "$work/root/data" ] || { echo "$image has no folder /data" >&2; exit 1; }
mkdir -p "$(dirname "$target")"
rm -rf "$target"
mv "$work/root/data" "$target"
rm -rf "$work"
`;
}

/** A word for the shell, whatever it holds. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
