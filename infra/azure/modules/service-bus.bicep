// The queues. The embedded broker reads the same ones from infra/local/servicebus/queues.json.
param name string
param location string
param tags object
param principalId string

resource bus 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: 'Standard', tier: 'Standard' }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
  }
}

var queues = [
  { name: 'workspace-created', sessions: true }
  { name: 'workspace-deleted', sessions: true }
  { name: 'node-provisioned', sessions: false }
  { name: 'workload-ready', sessions: false }
  { name: 'workspace-rejected', sessions: false }
]

resource queue 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = [
  for each in queues: {
    parent: bus
    name: each.name
    properties: {
      requiresSession: each.sessions
      requiresDuplicateDetection: true
      duplicateDetectionHistoryTimeWindow: 'PT10M'
      lockDuration: 'PT1M'
      maxDeliveryCount: 10
      defaultMessageTimeToLive: 'P14D'
      deadLetteringOnMessageExpiration: true
    }
  }
]

var dataReceiver = '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0'
var dataSender = '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39'

// Receiver and sender are enough to work. The platform then scales by what it can peek; it would scale by exact queue
// lengths with Azure Service Bus Data Owner, which may also change queues.
resource access 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [dataReceiver, dataSender]: {
    name: guid(bus.id, principalId, role)
    scope: bus
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

output fullyQualifiedNamespace string = '${bus.name}.servicebus.windows.net'
output factQueueResourceId string = resourceId('Microsoft.ServiceBus/namespaces/queues', bus.name, 'node-provisioned')
