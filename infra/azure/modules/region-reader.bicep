// What the app may look up in a cluster's subscription before it asks for nodes: which sizes a region offers, and how much vCPU quota is
// left. Without it the app works all the same, and learns of both by Azure's refusals.
targetScope = 'subscription'

@description('Role names are unique in a tenant.')
param roleName string
param principalId string

resource regionRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, roleName)
  properties: {
    roleName: '${roleName} ${uniqueString(subscription().id)}'
    description: 'Read VM sizes and vCPU quotas; used by Slipway.'
    type: 'CustomRole'
    assignableScopes: [subscription().id]
    permissions: [
      {
        actions: [
          'Microsoft.Compute/skus/read'
          'Microsoft.Compute/locations/usages/read'
        ]
        notActions: []
      }
    ]
  }
}

resource regionReader 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, principalId, regionRole.id)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: regionRole.id
  }
}
