// What the app may do to one AKS cluster through Azure: manage its agent pools, and fetch a user kubeconfig.
// What it may do inside the cluster is Kubernetes' own affair: see rbac.yaml.
param clusterName string
@description('Role names are unique in a tenant.')
param roleName string
param principalId string

resource cluster 'Microsoft.ContainerService/managedClusters@2024-09-01' existing = {
  name: clusterName
}

// Not the built-in contributor role, which may change or delete the cluster itself. Progress of an operation is read from
// the pools, so nothing is needed on the subscription's operation results.
resource agentPoolRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, roleName)
  properties: {
    roleName: '${roleName} ${uniqueString(resourceGroup().id)}'
    description: 'Create, scale and delete agent pools of AKS clusters; used by Slipway.'
    type: 'CustomRole'
    assignableScopes: [resourceGroup().id]
    permissions: [
      {
        actions: [
          'Microsoft.ContainerService/managedClusters/read'
          'Microsoft.ContainerService/managedClusters/agentPools/read'
          'Microsoft.ContainerService/managedClusters/agentPools/write'
          'Microsoft.ContainerService/managedClusters/agentPools/delete'
          'Microsoft.ContainerService/managedClusters/agentPools/deleteMachines/action'
          'Microsoft.ContainerService/managedClusters/agentPools/machines/read'
          'Microsoft.ContainerService/managedClusters/agentPools/abort/action'
        ]
        notActions: []
      }
    ]
  }
}

resource agentPools 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(cluster.id, principalId, agentPoolRole.id)
  scope: cluster
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: agentPoolRole.id
  }
}

// Azure Kubernetes Service Cluster User Role: listClusterUserCredential and read.
var clusterUser = '4abbcc35-e782-43d8-92c5-2d3f1bd2253f'

resource userCredential 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(cluster.id, principalId, clusterUser)
  scope: cluster
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', clusterUser)
  }
}
