// Tells the app at once when Azure has made, changed or removed an agent pool, or stopped or started the cluster: Event Grid's resource events
// of the cluster's resource group, as CloudEvents on the queue node-provisioned. Without it the app looks by itself, every 15 seconds
// while somebody waits and every few minutes otherwise.
targetScope = 'resourceGroup'

@description('Managed cluster in this resource group.')
param clusterName string
param topicName string
param subscriptionName string
param tags object
@description('The identity that may send to the queue.')
param identityResourceId string
@description('ARM id of the queue node-provisioned.')
param queueResourceId string

resource cluster 'Microsoft.ContainerService/managedClusters@2025-05-01' existing = {
  name: clusterName
}

// Azure allows one system topic for a resource group; two clusters of one group share it.
resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: topicName
  location: 'global'
  tags: tags
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityResourceId}': {} }
  }
  properties: {
    source: resourceGroup().id
    topicType: 'Microsoft.Resources.ResourceGroups'
  }
}

resource events 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: subscriptionName
  properties: {
    // Event Grid's own schema is refused by the app.
    eventDeliverySchema: 'CloudEventSchemaV1_0'
    deliveryWithResourceIdentity: {
      identity: { type: 'UserAssigned', userAssignedIdentity: identityResourceId }
      destination: {
        endpointType: 'ServiceBusQueue'
        properties: { resourceId: queueResourceId }
      }
    }
    filter: {
      includedEventTypes: [
        'Microsoft.Resources.ResourceWriteSuccess'
        'Microsoft.Resources.ResourceWriteFailure'
        'Microsoft.Resources.ResourceWriteCancel'
        'Microsoft.Resources.ResourceDeleteSuccess'
        'Microsoft.Resources.ResourceDeleteFailure'
        'Microsoft.Resources.ResourceActionSuccess'
      ]
      subjectBeginsWith: cluster.id
      isSubjectCaseSensitive: false
      advancedFilters: [
        {
          operatorType: 'StringIn'
          key: 'data.operationName'
          values: [
            'Microsoft.ContainerService/managedClusters/agentPools/write'
            'Microsoft.ContainerService/managedClusters/agentPools/delete'
            'Microsoft.ContainerService/managedClusters/write'
            'Microsoft.ContainerService/managedClusters/delete'
            'Microsoft.ContainerService/managedClusters/start/action'
            'Microsoft.ContainerService/managedClusters/stop/action'
          ]
        }
      ]
    }
    // An event is a hint: one that comes late tells nothing that the app has not seen by itself.
    retryPolicy: { eventTimeToLiveInMinutes: 60, maxDeliveryAttempts: 10 }
  }
}
