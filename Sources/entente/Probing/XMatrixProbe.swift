// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine
internal import Transport

/// `entente probe x-matrix`: the reader of `Authorization` fields.
enum XMatrixProbe {
    static let maxBytes = HTTPHeadLimits.request.headBytes

    /// - Parameter bytes: one field value a line, all of one request.
    static func read(_ bytes: [UInt8]) -> ProbeAnswer {
        guard bytes.count <= maxBytes else {
            return .refused(
                .init(
                    reason: "http.limits", text: "a request's header block has at most \(maxBytes) bytes",
                    members: [("status", .number(HTTPRefusal.headTooLarge.status))]))
        }
        do throws(XMatrixCredentials.Malformed) {
            var reader = XMatrixCredentials.Reader()
            for line in fields(bytes) { try reader.read(line.span) }
            return answer(try reader.finish())
        } catch {
            return .refused(
                .init(
                    reason: error.reason.rawValue, text: "\(text(error)) (\(error.status) M_UNAUTHORIZED)",
                    members: [("status", .number(error.status))]))
        }
    }

    /// Lines without the white space around them, as the HTTP reader takes field values.
    private static func fields(_ bytes: [UInt8]) -> [[UInt8]] {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true).map { line in
            var value = line
            if value.last == UInt8(ascii: "\r") { value.removeLast() }
            value = value.drop { $0 == 0x20 || $0 == 0x09 }
            while let last = value.last, last == 0x20 || last == 0x09 { value.removeLast() }
            return Array(value)
        }
    }

    /// The signature is never shown: it is a credential.
    private static func answer(_ credentials: XMatrixCredentials) -> ProbeAnswer {
        ProbeAnswer(
            lines: credentials.headers.map { header in
                "origin \(header.origin.text), destination \(header.destination?.text ?? "not named"), key \(header.key.text)"
            },
            members: [
                (
                    "credentials",
                    .list(
                        credentials.headers.map { header in
                            .object([
                                ("origin", .text(header.origin.text)),
                                ("destination", .optional(header.destination?.text)),
                                ("key", .text(header.key.text)),
                            ])
                        })
                )
            ])
    }

    private static func text(_ fault: XMatrixCredentials.Malformed) -> String {
        switch fault {
        case .missing: "no field of the scheme X-Matrix"
        case .multipleOrigins: "the fields name several origins"
        case .tooManyFields: "more than \(XMatrixCredentials.maxFields) fields"
        case .malformed(let fault): text(fault)
        }
    }

    private static func text(_ fault: XMatrixHeader.Malformed) -> String {
        switch fault {
        case .otherScheme: "another scheme than X-Matrix"
        case .scheme: "no space after X-Matrix"
        case .notASCII(let offset): "a byte outside ASCII at \(offset)"
        case .controlCharacter(let offset): "a control character at byte \(offset)"
        case .syntax(let offset): "not a list of `name=value` at byte \(offset)"
        case .quotedComma(let offset): "a comma inside quotes at byte \(offset), where others would split"
        case .repeatedParameter(let offset): "a parameter given twice, at byte \(offset)"
        case .tooManyParameters: "too many parameters"
        case .missing(let parameter): "no `\(parameter.rawValue)`"
        case .origin(let fault): "`origin` is no server name: \(text(fault))"
        case .destination(let fault): "`destination` is no server name: \(text(fault))"
        case .key: "`key` is no key id: `ed25519:` and letters, digits or `_`"
        case .signature: "`sig` is not 64 bytes in unpadded standard base64"
        }
    }

    private static func text(_ fault: ServerName.Malformed) -> String {
        switch fault {
        case .length(let count): "\(count) bytes long, where 1 to 255 may be"
        default: "a byte that does not belong in one"
        }
    }
}
