// Where durable orchestrations live.
param name string
param location string
param tags object
@allowed(['Consumption', 'Dedicated'])
param sku string
param principalId string
@description('Object id of a user who may open the dashboard; empty for none.')
param viewerPrincipalId string

resource scheduler 'Microsoft.DurableTask/schedulers@2025-11-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    sku: sku == 'Dedicated' ? { name: sku, capacity: 1 } : { name: sku }
    // An empty list would refuse everybody; Flex Consumption without a network has no fixed addresses. Access is by role.
    ipAllowlist: ['0.0.0.0/0']
  }
}

resource taskHub 'Microsoft.DurableTask/schedulers/taskHubs@2025-11-01' = {
  parent: scheduler
  name: 'slipway'
}

// Durable Task Data Contributor
var dataContributor = '0ad04412-c4d5-4796-b79c-f76d14c8d402'

resource access 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(taskHub.id, principalId, dataContributor)
  scope: taskHub
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', dataContributor)
  }
}

resource dashboard 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(viewerPrincipalId)) {
  name: guid(taskHub.id, viewerPrincipalId, dataContributor)
  scope: taskHub
  properties: {
    principalId: viewerPrincipalId
    principalType: 'User'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', dataContributor)
  }
}

output endpoint string = scheduler.properties.endpoint
output taskHubName string = taskHub.name
