// SPDX-License-Identifier: Apache-2.0

/// All X-Matrix credentials of one request, of one origin.
///
/// The reference homeserver verifies the signatures of the origin that comes last; a gateway that read another field than
/// the homeserver would let anybody speak for anybody. So all fields must parse and name one origin.
package struct XMatrixCredentials: Sendable {
    package let first: XMatrixHeader
    /// Further fields by other keys of the same origin.
    package let others: [XMatrixHeader]

    package enum Malformed: Error, Equatable, Sendable {
        /// No field of this scheme.
        case missing
        case malformed(XMatrixHeader.Malformed)
        case multipleOrigins
        case tooManyFields
    }

    /// Most fields read; each costs a verification.
    package static let maxFields = 8

    package var origin: ServerName { first.origin }
    package var headers: [XMatrixHeader] { [first] + others }

    /// - Parameter fieldValues: the values of the request's `Authorization` fields, in order.
    package init(parsing fieldValues: [[UInt8]]) throws(Malformed) {
        var reader = Reader()
        for value in fieldValues { try reader.read(value.span) }
        self = try reader.finish()
    }

    private init(first: XMatrixHeader, others: [XMatrixHeader]) {
        self.first = first
        self.others = others
    }

    /// Takes the fields one after the other, without copying them.
    package struct Reader {
        private var first: XMatrixHeader?
        private var others: [XMatrixHeader] = []

        package init() {}

        /// - Parameter fieldValue: the value of the next `Authorization` field; other schemes are passed over.
        package mutating func read(_ fieldValue: Span<UInt8>) throws(Malformed) {
            let header: XMatrixHeader
            do {
                header = try XMatrixHeader(parsing: fieldValue)
            } catch .otherScheme {
                return
            } catch {
                throw .malformed(error)
            }
            guard let first else {
                self.first = header
                return
            }
            guard first.origin == header.origin else { throw .multipleOrigins }
            // The same key again: its last signature counts, as for the reference.
            if first.key == header.key {
                self.first = header
            } else if let index = others.firstIndex(where: { $0.key == header.key }) {
                others[index] = header
            } else {
                guard others.count + 2 <= XMatrixCredentials.maxFields else { throw .tooManyFields }
                others.append(header)
            }
        }

        package consuming func finish() throws(Malformed) -> XMatrixCredentials {
            guard let first else { throw .missing }
            return XMatrixCredentials(first: first, others: others)
        }
    }
}

extension XMatrixCredentials.Malformed {
    package var reason: AuthenticationReason {
        switch self {
        case .missing: .missing
        case .malformed(.signature): .signatureInvalid
        // What is no server name is none of ours.
        case .malformed(.destination): .destinationMismatch
        // No server has a usable key of another algorithm (AC-06).
        case .malformed(.key(.algorithm)): .keyUnknown
        case .malformed, .tooManyFields: .headerMalformed
        case .multipleOrigins: .multipleOrigins
        }
    }

    /// The status of the answer, with `M_UNAUTHORIZED`, as the reference has it.
    package var status: Int {
        switch reason {
        case .headerMalformed, .multipleOrigins: 400
        default: 401
        }
    }
}
