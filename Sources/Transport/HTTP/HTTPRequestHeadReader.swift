// SPDX-License-Identifier: Apache-2.0

/// Reads one request head, line by line, as its bytes arrive.
struct HTTPRequestHeadReader {
    private let limits: HTTPHeadLimits
    private var scanner = HTTPHeadScanner()
    private var fields: [HTTPField] = []
    private var line: RequestLine?
    private var framing = HTTPFramingFields()
    private var host: Range<Int>?
    private var singles: UInt32 = 0
    private var asksClose = false
    private var expectsContinue = false

    private struct RequestLine {
        let method: HTTPMethod
        let target: Range<Int>
        let isOneZero: Bool
    }

    init(limits: HTTPHeadLimits) { self.limits = limits }

    /// Reads on in the bytes of this head and whatever follows them.
    /// - Returns: the length of the head once it is complete.
    mutating func scan(_ bytes: Span<UInt8>) throws(HTTPRefusal) -> Int? {
        guard bytes.count > 0 else { return nil }
        if line == nil {
            guard HTTPScanner.isToken(bytes[0]) else { throw .framing(.firstByte) }
            // Longest request line that can still be served: a method of 7 bytes, the target, the version.
            switch scanner.nextLine(in: bytes, limit: limits.targetBytes + 20) {
            case .incomplete: return nil
            case .tooLarge: throw .targetTooLong
            case .fault(let fault): throw .framing(fault)
            case .end: throw .framing(.startLine)
            case .line(let range): line = try requestLine(bytes, range)
            }
            fields.reserveCapacity(12)
        }
        while true {
            switch scanner.nextLine(in: bytes, limit: limits.headBytes) {
            case .incomplete: return nil
            case .tooLarge: throw .headTooLarge
            case .fault(let fault): throw .framing(fault)
            case .end(let length): return length
            case .line(let range):
                if fields.count == limits.fields { throw .tooManyFields }
                let field: HTTPField
                do { field = try HTTPHeadScanner.field(in: bytes, range) } catch { throw .framing(error) }
                if field.known != .other { try note(field, bytes) }
                fields.append(field)
            }
        }
    }

    /// The head, from exactly its bytes.
    func finish(_ bytes: [UInt8]) throws(HTTPRefusal) -> HTTPRequestHead {
        guard let line else { throw .framing(.startLine) }
        guard let host else { throw .framing(.hostMissing) }
        let body = framing.framing ?? .none
        if line.isOneZero, body == .chunked { throw .framing(.transferEncodingInOneZero) }
        if body != .none, !line.method.mayCarryBody { throw .bodyWithoutMeaning }
        return HTTPRequestHead(
            bytes: bytes, method: line.method, target: line.target, isOneZero: line.isOneZero, fields: fields,
            host: host, body: body, isKeepAlive: !line.isOneZero && !asksClose,
            expectsContinue: expectsContinue && !line.isOneZero && body != .none)
    }

    private func requestLine(_ bytes: Span<UInt8>, _ line: Range<Int>) throws(HTTPRefusal) -> RequestLine {
        var offset = line.lowerBound
        while offset < line.upperBound, HTTPScanner.isToken(bytes[offset]) { offset += 1 }
        let method = line.lowerBound..<offset
        guard offset < line.upperBound, bytes[offset] == 0x20 else { throw .framing(.startLine) }

        let start = offset + 1
        offset = start
        while offset < line.upperBound, bytes[offset] &- 0x21 < 0x5E { offset += 1 }
        let target = start..<offset
        guard !target.isEmpty else { throw .framing(.startLine) }
        guard offset < line.upperBound else { throw .versionMissing }
        guard bytes[offset] == 0x20 else {
            throw bytes[offset] == 0x0D ? .framing(.bareCarriageReturn) : .targetForm
        }
        let isOneZero = try isOneZero(bytes, (offset + 1)..<line.upperBound)
        if HTTPScanner.equals("CONNECT", in: bytes, method) { throw .connectMethod }
        guard let served = HTTPMethod(bytes, method) else { throw .methodNotAllowed }
        guard target.count <= limits.targetBytes else { throw .targetTooLong }
        guard bytes[start] == 0x2F else { throw .targetForm }
        for offset in target where bytes[offset] == 0x23 { throw .targetForm }
        return RequestLine(method: served, target: target, isOneZero: isOneZero)
    }

    private func isOneZero(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(HTTPRefusal) -> Bool {
        if HTTPScanner.equals("HTTP/1.1", in: bytes, range) { return false }
        if HTTPScanner.equals("HTTP/1.0", in: bytes, range) { return true }
        let name = range.lowerBound..<min(range.lowerBound + 5, range.upperBound)
        guard range.count == 8, HTTPScanner.equals("HTTP/", in: bytes, name),
            bytes[range.lowerBound + 5] &- 0x30 <= 9, bytes[range.lowerBound + 6] == 0x2E,
            bytes[range.lowerBound + 7] &- 0x30 <= 9
        else { throw .framing(.startLine) }
        throw .versionUnsupported
    }

    /// Takes in a field that this reader gives a meaning to.
    @inline(never)
    private mutating func note(_ field: HTTPField, _ bytes: Span<UInt8>) throws(HTTPRefusal) {
        let value = field.value
        switch field.known {
        case .contentLength:
            do { try framing.contentLength(bytes, value) } catch { throw .framing(error) }
        case .transferEncoding:
            do { try framing.transferEncoding(bytes, value) } catch { throw .framing(error) }
        case .host:
            if host != nil { throw .framing(.hostRepeated) }
            guard HTTPHost.isWellFormed(bytes, value) else { throw .framing(.hostMalformed) }
            host = value
        case .connection:
            HTTPConnectionOptions.forEach(bytes, value) { bytes, option in
                if HTTPScanner.spells("close", in: bytes, option) { asksClose = true }
            }
        // Nothing is upgraded. What the sender puts after such a request may be meant in another protocol.
        case .upgrade: asksClose = true
        case .expect:
            try once(field)
            guard HTTPScanner.spells("100-continue", in: bytes, value) else { throw .expectation }
            expectsContinue = true
        case .contentEncoding:
            try once(field)
            guard HTTPScanner.spells("identity", in: bytes, value) else { throw .contentEncoding }
        case .contentType: try once(field)
        default: break
        }
    }

    private mutating func once(_ field: HTTPField) throws(HTTPRefusal) {
        let bit: UInt32 = 1 << UInt32(field.known.rawValue)
        if singles & bit != 0 { throw .framing(.fieldRepeated) }
        singles |= bit
    }
}
