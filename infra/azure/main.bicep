// Slipway in Azure: the function app and what it stands on. `azd up` deploys it, see azure.yaml.
// The AKS clusters exist already: the app gets the narrowest rights on them that its work allows.
targetScope = 'subscription'

@description('An AKS cluster that workspaces may live in.')
type clusterType = {
  @description('What routes and keys call it: a DNS label.')
  name: string
  @description('ARM id of the managed cluster: az aks show --query id --output tsv')
  resourceId: string
  @description('Name of its region, such as eastus; ARM is asked when absent.')
  location: string?
  @description('Where a request without ?cluster= goes. Needed on exactly one as soon as there are two.')
  default: bool?
}

@minLength(1)
@maxLength(32)
@description('Names the deployment; part of every resource name.')
param environmentName string

@description('Region; must offer Flex Consumption and, unless durableBackend is AzureStorage, the Durable Task Scheduler.')
param location string

@description('Clusters that the app may add GPU node pools to.')
@minLength(1)
param clusters clusterType[]

@allowed(['DurableTaskScheduler', 'AzureStorage'])
@description('Where orchestrations keep their state. The scheduler is the recommended one; Azure Storage works in every region.')
param durableBackend string = 'DurableTaskScheduler'

@allowed(['Consumption', 'Dedicated'])
@description('SKU of the Durable Task Scheduler.')
param schedulerSku string = 'Consumption'

@allowed(['remove', 'report'])
@description('What becomes of agent pools and objects of this app that belong to no Workspace: removed after a grace, or reported only.')
param orphanSweep string = 'remove'

@allowed(['22', '24'])
@description('Node.js version of the Functions runtime. Choose 22 in a region where Flex Consumption does not offer 24 yet.')
param nodeVersion string = '24'

@minValue(40)
@maxValue(1000)
@description('Upper limit of instances of each function group.')
param maximumInstanceCount int = 40

@allowed([512, 2048, 4096])
@description('Memory of one instance, MB.')
param instanceMemoryMB int = 2048

@description('Have Event Grid tell of changed agent pools, so that nobody waits for the next look. Needs the resource provider Microsoft.EventGrid, and no other system topic on a cluster\'s resource group.')
param poolEvents bool = true

@description('Object id of a person who may see orchestrations in the scheduler dashboard. azd fills in its user.')
param principalId string = ''

var tags = { 'azd-env-name': environmentName, app: 'slipway' }
var token = toLower(uniqueString(subscription().id, environmentName, location))

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-slipway-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  name: 'slipway-identity'
  scope: group
  params: { name: 'id-slipway-${token}', location: location, tags: tags }
}

module observability 'modules/observability.bicep' = {
  name: 'slipway-observability'
  scope: group
  params: { token: token, location: location, tags: tags, principalId: identity.outputs.principalId }
}

module storage 'modules/storage.bicep' = {
  name: 'slipway-storage'
  scope: group
  params: {
    name: 'stslip${token}'
    location: location
    tags: tags
    principalId: identity.outputs.principalId
    holdsTaskHub: durableBackend == 'AzureStorage'
  }
}

module serviceBus 'modules/service-bus.bicep' = {
  name: 'slipway-service-bus'
  scope: group
  params: { name: 'sb-slipway-${token}', location: location, tags: tags, principalId: identity.outputs.principalId }
}

module scheduler 'modules/durable-task-scheduler.bicep' = if (durableBackend == 'DurableTaskScheduler') {
  name: 'slipway-scheduler'
  scope: group
  params: {
    name: 'dts-slipway-${token}'
    location: location
    tags: tags
    sku: schedulerSku
    principalId: identity.outputs.principalId
    viewerPrincipalId: principalId
  }
}

// One at a time: two clusters of one resource group share a role definition there.
@batchSize(1)
module clusterAccess 'modules/cluster-access.bicep' = [
  for (cluster, index) in clusters: {
    name: 'slipway-cluster-${token}-${index}'
    scope: resourceGroup(split(cluster.resourceId, '/')[2], split(cluster.resourceId, '/')[4])
    params: {
      clusterName: split(cluster.resourceId, '/')[8]
      roleName: 'Slipway agent pools ${token}'
      principalId: identity.outputs.principalId
    }
  }
]

// One at a time: two clusters of one resource group share a topic.
@batchSize(1)
module poolEventsOf 'modules/pool-events.bicep' = [
  for (cluster, index) in clusters: if (poolEvents) {
    name: 'slipway-events-${token}-${index}'
    scope: resourceGroup(split(cluster.resourceId, '/')[2], split(cluster.resourceId, '/')[4])
    params: {
      clusterName: split(cluster.resourceId, '/')[8]
      topicName: 'evgt-slipway-${token}'
      subscriptionName: 'slipway-${cluster.name}'
      tags: tags
      identityResourceId: identity.outputs.resourceId
      queueResourceId: serviceBus.outputs.factQueueResourceId
    }
  }
]

// One at a time: clusters of one subscription share a role definition there.
@batchSize(1)
module regionReader 'modules/region-reader.bicep' = [
  for (cluster, index) in clusters: {
    name: 'slipway-region-${token}-${index}'
    scope: subscription(split(cluster.resourceId, '/')[2])
    params: {
      roleName: 'Slipway region reader ${token}'
      principalId: identity.outputs.principalId
    }
  }
]

module app 'modules/function-app.bicep' = {
  name: 'slipway-app'
  scope: group
  params: {
    name: 'func-slipway-${token}'
    location: location
    tags: tags
    identityResourceId: identity.outputs.resourceId
    identityClientId: identity.outputs.clientId
    storageAccountName: storage.outputs.name
    deploymentContainerUrl: storage.outputs.deploymentContainerUrl
    serviceBusHost: serviceBus.outputs.fullyQualifiedNamespace
    applicationInsightsConnectionString: observability.outputs.connectionString
    durableBackend: durableBackend
    schedulerEndpoint: scheduler.?outputs.?endpoint ?? ''
    taskHubName: scheduler.?outputs.?taskHubName ?? 'slipway'
    clusters: clusters
    orphanSweep: orphanSweep
    nodeVersion: nodeVersion
    maximumInstanceCount: maximumInstanceCount
    instanceMemoryMB: instanceMemoryMB
  }
}

output AZURE_RESOURCE_GROUP string = group.name
output SLIPWAY_FUNCTION_APP string = app.outputs.name
output SLIPWAY_URL string = 'https://${app.outputs.hostName}/api'
output SLIPWAY_SERVICE_BUS string = serviceBus.outputs.fullyQualifiedNamespace
@description('Put this object id into rbac.yaml and apply that to every cluster.')
output SLIPWAY_IDENTITY_PRINCIPAL_ID string = identity.outputs.principalId
output SLIPWAY_IDENTITY_CLIENT_ID string = identity.outputs.clientId
