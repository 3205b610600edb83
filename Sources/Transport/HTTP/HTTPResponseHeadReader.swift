// SPDX-License-Identifier: Apache-2.0

/// Reads one answer's head, line by line, as its bytes arrive.
struct HTTPResponseHeadReader {
    private let limits: HTTPHeadLimits
    private var scanner = HTTPHeadScanner()
    private var fields: [HTTPField] = []
    private var line: (status: Int, isOneZero: Bool)?
    private var framing = HTTPFramingFields()
    private var asksClose = false
    private var hasEncoding = false

    init(limits: HTTPHeadLimits) { self.limits = limits }

    /// - Returns: the length of the head once it is complete.
    mutating func scan(_ bytes: Span<UInt8>) throws(HTTPResponseFault) -> Int? {
        guard bytes.count > 0 else { return nil }
        guard bytes[0] == 0x48 else { throw .framing(.firstByte) }
        while true {
            switch scanner.nextLine(in: bytes, limit: limits.headBytes) {
            case .incomplete: return nil
            case .tooLarge: throw .headTooLarge
            case .fault(let fault): throw .framing(fault)
            case .end(let length):
                guard line != nil else { throw .framing(.startLine) }
                return length
            case .line(let range) where line == nil:
                line = try statusLine(bytes, range)
                fields.reserveCapacity(12)
            case .line(let range):
                if fields.count == limits.fields { throw .tooManyFields }
                do {
                    let field = try HTTPHeadScanner.field(in: bytes, range)
                    if field.known != .other { try note(field, bytes) }
                    fields.append(field)
                } catch {
                    throw .framing(error)
                }
            }
        }
    }

    func finish(_ bytes: [UInt8], mayEndWithConnection: Bool) throws(HTTPResponseFault) -> HTTPResponseHead {
        guard let line else { throw .framing(.startLine) }
        let body: HTTPBodyFraming
        switch framing.framing {
        case _ where line.status == 204 || line.status == 304 || line.status < 200: body = .none
        case let framing?:
            if line.isOneZero, framing == .chunked { throw .framing(.transferEncodingInOneZero) }
            body = framing
        case nil:
            guard mayEndWithConnection else { throw .lengthMissing }
            body = .untilClose
        }
        if hasEncoding, body != .none { throw .contentEncoding }
        return HTTPResponseHead(
            bytes: bytes, status: line.status, fields: fields, body: body,
            isKeepAlive: !line.isOneZero && !asksClose && body != .untilClose)
    }

    private func statusLine(
        _ bytes: Span<UInt8>, _ line: Range<Int>
    ) throws(HTTPResponseFault) -> (status: Int, isOneZero: Bool) {
        let start = line.lowerBound
        guard line.count >= 12, HTTPScanner.equals("HTTP/", in: bytes, start..<(start + 5)) else {
            throw .framing(.startLine)
        }
        let isOneZero: Bool
        switch (bytes[start + 5], bytes[start + 6], bytes[start + 7]) {
        case (0x31, 0x2E, 0x31): isOneZero = false
        case (0x31, 0x2E, 0x30): isOneZero = true
        default: throw .version
        }
        var status = 0
        for offset in (start + 9)..<(start + 12) {
            guard bytes[offset] &- 0x30 <= 9 else { throw .framing(.startLine) }
            status = status * 10 + Int(bytes[offset] &- 0x30)
        }
        guard bytes[start + 8] == 0x20, (100...599).contains(status), line.count == 12 || bytes[start + 12] == 0x20,
            HTTPScanner.firstControl(in: bytes, (start + 12)..<line.upperBound) == nil
        else { throw .framing(.startLine) }
        return (status, isOneZero)
    }

    private mutating func note(_ field: HTTPField, _ bytes: Span<UInt8>) throws(HTTPFramingFault) {
        switch field.known {
        case .contentLength: try framing.contentLength(bytes, field.value)
        case .transferEncoding: try framing.transferEncoding(bytes, field.value)
        case .connection:
            HTTPConnectionOptions.forEach(bytes, field.value) { bytes, option in
                if HTTPScanner.spells("close", in: bytes, option) { asksClose = true }
            }
        case .contentEncoding:
            if !HTTPScanner.spells("identity", in: bytes, field.value) { hasEncoding = true }
        default: break
        }
    }
}
