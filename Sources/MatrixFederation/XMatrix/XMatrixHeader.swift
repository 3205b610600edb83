// SPDX-License-Identifier: Apache-2.0

/// One `Authorization: X-Matrix` field: who claims to send, to whom, and a signature by one key.
///
/// Accepted is what RFC 9110 section 11.4 and the reference homeserver read alike, so that both see the same credentials;
/// the gateway writes it anew for the homeserver (`fieldValue`), without parameters it does not know. Specification,
/// Server-Server API, "Request Authentication".
package struct XMatrixHeader: Hashable, Sendable {
    package let origin: ServerName
    /// Since version 1.3 of the specification senders must give it.
    package let destination: ServerName?
    package let key: KeyID
    package let signature: Signature

    package enum Parameter: String, CaseIterable, Equatable, Sendable {
        case origin, destination, key
        case signature = "sig"
    }

    package enum Malformed: Error, Equatable, Sendable {
        /// Does not begin with `X-Matrix`: not for us, as the reference passes over it.
        case otherScheme
        /// Begins with `X-Matrix`, but no space follows.
        case scheme
        case notASCII(offset: Int)
        case controlCharacter(offset: Int)
        /// Something else than `name=value` items with one comma between them.
        case syntax(offset: Int)
        /// A comma inside quotes, where the reference would split.
        case quotedComma(offset: Int)
        /// A name given twice, whatever its case; also `sig` and `signature` together, as the specification has both.
        case repeatedParameter(offset: Int)
        case tooManyParameters
        case missing(Parameter)
        case origin(ServerName.Malformed)
        case destination(ServerName.Malformed)
        case key(KeyID.Malformed)
        /// Not 64 bytes in standard base64.
        case signature
    }

    /// - Parameter fieldValue: the field's value without the white space around it.
    package init(parsing fieldValue: Span<UInt8>) throws(Malformed) {
        let parameters = try XMatrixParameters(parsing: fieldValue)
        guard let origin = parameters[.origin] else { throw .missing(.origin) }
        guard let key = parameters[.key] else { throw .missing(.key) }
        guard let signature = parameters[.signature] else { throw .missing(.signature) }
        self.origin = try Self.server(origin, fieldValue) { .origin($0) }
        if let destination = parameters[.destination] {
            self.destination = try Self.server(destination, fieldValue) { .destination($0) }
        } else {
            destination = nil
        }
        self.key = try Self.keyID(key, fieldValue)
        self.signature = try Self.signature(signature, fieldValue)
    }

    package init(_ fieldValue: String) throws(Malformed) { try self.init(parsing: fieldValue.utf8.span) }

    /// Appends the field's value as the gateway writes it: quoted, without spaces or unknown parameters.
    package func appendFieldValue(to output: inout [UInt8]) {
        Self.append("X-Matrix origin=\"", to: &output)
        output += origin.text.utf8
        if let destination {
            Self.append("\",destination=\"", to: &output)
            output += destination.text.utf8
        }
        Self.append("\",key=\"", to: &output)
        output += key.text.utf8
        Self.append("\",sig=\"", to: &output)
        signature.appendBase64(to: &output)
        output.append(UInt8(ascii: "\""))
    }

    /// The field's value as the gateway writes it.
    package func fieldValue() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(
            140 + origin.text.utf8.count + (destination?.text.utf8.count ?? 0) + key.text.utf8.count)
        appendFieldValue(to: &output)
        return output
    }

    package init(origin: ServerName, destination: ServerName?, key: KeyID, signature: Signature) {
        self.origin = origin
        self.destination = destination
        self.key = key
        self.signature = signature
    }

    private static func append(_ text: StaticString, to output: inout [UInt8]) {
        unsafe output += UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }

    private static func server(
        _ value: XMatrixParameters.Value, _ field: Span<UInt8>, _ fault: (ServerName.Malformed) -> Malformed
    ) throws(Malformed) -> ServerName {
        do {
            guard value.hasEscapes else { return try ServerName(parsing: field.extracting(value.range)) }
            return try ServerName(parsing: value.unescaped(field).span)
        } catch {
            throw fault(error)
        }
    }

    private static func keyID(_ value: XMatrixParameters.Value, _ field: Span<UInt8>) throws(Malformed) -> KeyID {
        do {
            guard value.hasEscapes else { return try KeyID(parsing: field.extracting(value.range)) }
            return try KeyID(parsing: value.unescaped(field).span)
        } catch {
            throw .key(error)
        }
    }

    private static func signature(
        _ value: XMatrixParameters.Value, _ field: Span<UInt8>
    ) throws(Malformed) -> Signature {
        let text = value.hasEscapes ? value.unescaped(field) : []
        let signature =
            value.hasEscapes
            ? Signature(standardBase64: text.span) : Signature(standardBase64: field.extracting(value.range))
        guard let signature else { throw .signature }
        return signature
    }
}
