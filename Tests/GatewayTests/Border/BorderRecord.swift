// SPDX-License-Identifier: Apache-2.0

import Audit
import MatrixFederation

/// A record of the log, read by its dotted member names.
struct BorderRecord: Sendable {
    let sequence: UInt64
    let json: [UInt8]
    private let document: JSONDocument

    init(_ sequence: UInt64, _ json: [UInt8]) throws {
        self.sequence = sequence
        self.json = json
        document = try JSONDocument(reading: json)
    }

    private func node(_ path: String) -> JSONDocument.Node? {
        path.split(separator: ".").reduce(document.root) { node, name in
            node.flatMap { node in
                if let index = Int(name) {
                    var elements = document.elements(of: node)
                    for _ in 0..<index { _ = elements.next() }
                    return elements.next()
                }
                return document.member(String(name), of: node)
            }
        }
    }

    func text(_ path: String) -> String? { node(path).flatMap(document.string) }
    func number(_ path: String) -> Int? { node(path).flatMap(document.integer).map { Int($0) } }
    func count(_ path: String) -> Int { node(path).map(document.count) ?? 0 }

    var string: String { String(decoding: json, as: UTF8.self) }
    var decision: String? { text("decision") }
    var reason: String? { text("reason_code") }
    var rule: String? { text("rule_id") }
}
