// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation

/// For people.
extension IndexedRecord {
    package var kind: String { document.string(kindText) ?? "" }
    package var direction: String? { directionText.flatMap(document.string) }
    package var decision: String? { decisionText.flatMap(document.string) }
    package var reason: String? { reasonText.flatMap(document.string) }
    package var rule: String? { ruleText.flatMap(document.string) }
    package var origin: String? { originText.flatMap(document.string) }
    package var originState: String? { originStateText.flatMap(document.string) }
    package var destination: String? { destinationText.flatMap(document.string) }
    package var destinationState: String? { destinationStateText.flatMap(document.string) }
    package var endpointClass: String? { classText.flatMap(document.string) }
    package var path: String? { pathText.flatMap(document.string) }
}
