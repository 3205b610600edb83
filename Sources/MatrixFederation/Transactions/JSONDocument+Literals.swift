// SPDX-License-Identifier: Apache-2.0

/// Comparing with literals without making a `String` of them, which is what overload resolution would choose.
extension JSONDocument {
    func isText(_ node: Node, _ text: StaticString) -> Bool { stringEquals(node, text) }

    func value(_ name: StaticString, of node: Node) -> Node? { member(name, of: node) }
}
