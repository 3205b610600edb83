// SPDX-License-Identifier: Apache-2.0

/// The templates of the table as a tree over segments, made once.
///
/// A step compares one segment with at most some twenty fixed ones, by length and first eight bytes before the rest.
/// At each node a fixed segment wins over a parameter; no template needs going back, which a test proves.
struct EndpointTree: Sendable {
    private struct Literal {
        let prefix: UInt64
        let bytes: [UInt8]
        let child: Int
    }

    private struct Leaf {
        let method: [UInt8]
        let endpoint: Endpoint
        let parameters: PathParameters
    }

    private struct Node {
        var literals: [Literal] = []
        var parameterChild: Int?
        var leaves: [Leaf] = []
    }

    private var nodes = [Node()]

    init(_ endpoints: [Endpoint]) {
        for endpoint in endpoints {
            for template in endpoint.pathTemplates { insert(endpoint, template) }
        }
    }

    private mutating func insert(_ endpoint: Endpoint, _ template: String) {
        var node = 0
        var parameters: [(name: PathParameters.Name, segment: UInt8)] = []
        for (index, segment) in template.split(separator: "/").enumerated() {
            if segment.first == "{", let name = PathParameters.Name(rawValue: String(segment.dropFirst().dropLast())) {
                parameters.append((name, UInt8(truncatingIfNeeded: index)))
                node = child(ofParameterAt: node)
            } else {
                node = child(of: node, named: [UInt8](segment.utf8))
            }
        }
        nodes[node].leaves.append(
            Leaf(
                method: [UInt8](endpoint.method.rawValue.utf8), endpoint: endpoint,
                parameters: PathParameters(parameters)))
    }

    private mutating func child(ofParameterAt node: Int) -> Int {
        if let child = nodes[node].parameterChild { return child }
        nodes.append(Node())
        nodes[node].parameterChild = nodes.count - 1
        return nodes.count - 1
    }

    private mutating func child(of node: Int, named bytes: [UInt8]) -> Int {
        if let literal = nodes[node].literals.first(where: { $0.bytes == bytes }) { return literal.child }
        nodes.append(Node())
        let prefix = Self.prefix(bytes.span, 0..<bytes.count)
        nodes[node].literals.append(Literal(prefix: prefix, bytes: bytes, child: nodes.count - 1))
        return nodes.count - 1
    }

    private static func prefix(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
        var prefix: UInt64 = 0
        for offset in range.prefix(8) { prefix = prefix << 8 | UInt64(bytes[offset]) }
        return prefix
    }

    private func next(_ node: Int, _ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        let prefix = Self.prefix(bytes, range)
        for literal in nodes[node].literals where literal.prefix == prefix && literal.bytes.count == range.count {
            var offset = 8
            while offset < range.count, literal.bytes[offset] == bytes[range.lowerBound + offset] { offset += 1 }
            if offset >= range.count { return literal.child }
        }
        return nodes[node].parameterChild
    }

    func match(_ method: Span<UInt8>, _ target: RequestTarget) -> Endpoints.Match {
        guard target.segmentCount <= RequestTarget.maxSegments else { return .unknown }
        var node = 0
        let bytes = target.bytes.span
        for index in 0..<target.segmentCount {
            guard let child = next(node, bytes, target.segment(index)) else { return .unknown }
            node = child
        }
        var isKnownPath = false
        for leaf in nodes[node].leaves {
            guard !target.hasTrailingSlash || leaf.endpoint.allowsTrailingSlash else { continue }
            isKnownPath = true
            if Self.isSame(method, leaf.method) { return .endpoint(leaf.endpoint, leaf.parameters) }
        }
        return isKnownPath ? .methodNotAllowed : .unknown
    }

    private static func isSame(_ a: Span<UInt8>, _ b: [UInt8]) -> Bool {
        guard a.count == b.count else { return false }
        for index in a.indices where a[index] != b[index] { return false }
        return true
    }
}
