// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL
internal import CTLSBio
internal import NIOCore

/// Owns one `SSL` and the memory it reads and writes; knows nothing of channels.
///
/// Confined to the loop of its channel. libssl finds it from callbacks through an unretained pointer: callbacks run
/// only inside calls made here, so it is alive then.
@safe final class TLSConnection {
    enum Role {
        case server(TLSServerContext)
        case client(TLSClientContext, TLSPeerName, pins: Set<SPKIHash>)
    }

    /// How far a piece of input brought the connection.
    enum Progress: Equatable {
        case wantsMore
        /// The peer sent close_notify: nothing follows.
        case peerClosed
        case failed(TLSFailure)
    }

    /// The most plaintext one record carries. RFC 8446, section 5.1.
    static let maxRecordBytes = 16384
    /// More than a record of any suite here adds: header, explicit nonce, content type, tag.
    static let recordOverhead = 64

    let ssl: OpaquePointer
    private let bio: UnsafeMutablePointer<ent_bio>
    let role: Role
    /// What the client asked for, once its hello is read.
    var serverName: String?
    /// Why a callback refused; says more than the library's error for it.
    var refusal: TLSFailure?
    private(set) var isHandshakeComplete = false
    private(set) var isTLS13 = false
    private var sealedBytes = 0
    /// After so much under one key a new one is made (TLS 1.3): far under the limit of AES-GCM. RFC 8446, section 5.5.
    var rekeyBytes = 1 << 35

    init(_ role: Role, context: TLSContextPointer) throws(OpenSSLFault) {
        ERR_clear_error()
        guard let bio = unsafe ent_bio_create() else { throw .drained("allocating") }
        guard let ssl = unsafe SSL_new(context.pointer), unsafe ent_bio_attach(ssl, bio) == 1 else {
            unsafe ent_bio_destroy(bio)
            throw .drained("making a TLS connection")
        }
        unsafe self.bio = unsafe bio
        unsafe self.ssl = unsafe ssl
        self.role = role
        unsafe ent_SSL_set_owner(ssl, Unmanaged.passUnretained(self).toOpaque())
        switch role {
        case .server: unsafe SSL_set_accept_state(ssl)
        case .client: unsafe SSL_set_connect_state(ssl)
        }
    }

    deinit {
        unsafe SSL_free(ssl)
        unsafe ent_bio_destroy(bio)
    }

    /// The connection behind an `SSL` a callback got.
    static func behind(_ ssl: OpaquePointer?) -> TLSConnection? {
        guard let ssl = unsafe ssl, let owner = unsafe ent_SSL_get_owner(ssl) else { return nil }
        return unsafe Unmanaged<TLSConnection>.fromOpaque(owner).takeUnretainedValue()
    }

    /// Starts the handshake: a client's hello is output after it.
    func start() -> Progress {
        ERR_clear_error()
        return handshake()
    }

    /// Reads records; appends what they carry to `plaintext`, which is made when the first may carry something.
    ///
    /// Adds at most the input's length and one record. Output may be waiting after it.
    func receive(_ input: ByteBuffer, into plaintext: inout ByteBuffer?, allocator: ByteBufferAllocator) -> Progress {
        ERR_clear_error()
        return unsafe input.withUnsafeReadableBytes { bytes in
            unsafe bio.pointee.in = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            unsafe bio.pointee.in_len = bytes.count
            defer {
                unsafe bio.pointee.in = nil
                unsafe bio.pointee.in_len = 0
            }
            if !isHandshakeComplete {
                let progress = handshake()
                guard isHandshakeComplete, progress == .wantsMore else { return progress }
            }
            return read(into: &plaintext, allocator: allocator)
        }
    }

    private func handshake() -> Progress {
        let result = unsafe SSL_do_handshake(ssl)
        guard result == 1 else { return progress(after: result) }
        isHandshakeComplete = true
        isTLS13 = unsafe SSL_version(ssl) == TLS1_3_VERSION
        return .wantsMore
    }

    private func read(into plaintext: inout ByteBuffer?, allocator: ByteBufferAllocator) -> Progress {
        let waiting = unsafe bio.pointee.overflow_len
        // Bytes of a record whose beginning came earlier are more plaintext than this input is long.
        var extra = unsafe SSL_has_pending(ssl) == 1 ? Self.maxRecordBytes : 0
        while unsafe bio.pointee.in_len > 0 || SSL_has_pending(ssl) == 1 {
            var output =
                unsafe plaintext ?? allocator.buffer(capacity: bio.pointee.in_len + extra)
            plaintext = nil
            extra = Self.maxRecordBytes
            if output.writableBytes == 0 { output.reserveCapacity(minimumWritableBytes: Self.maxRecordBytes) }
            var result: Int32 = 0
            unsafe output.writeWithUnsafeMutableBytes(minimumWritableBytes: 1) { space in
                var count = 0
                result = unsafe SSL_read_ex(ssl, space.baseAddress, space.count, &count)
                return result == 1 ? count : 0
            }
            plaintext = output
            guard result == 1 else {
                let progress = progress(after: result)
                guard progress == .wantsMore else { return progress }
                break
            }
        }
        // In TLS 1.2 reading makes output only to turn a renegotiation down: a peer that goes on asking without
        // reading would have us queue answers for ever.
        return unsafe !isTLS13 && bio.pointee.overflow_len > waiting ? .failed(.renegotiation) : .wantsMore
    }

    /// Seals bytes as records behind what `output` holds. Nil on success.
    func seal(_ plaintext: ByteBuffer, into output: inout ByteBuffer) -> TLSFailure? {
        ERR_clear_error()
        let count = plaintext.readableBytes
        guard count > 0 else { return nil }
        guard !isShutDown else { return .closed }
        sealedBytes += count
        if sealedBytes > rekeyBytes, isTLS13 {
            sealedBytes = 0
            unsafe SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED)
        }
        var result: Int32 = 0
        unsafe output.writeWithUnsafeMutableBytes(
            minimumWritableBytes: count + (count / Self.maxRecordBytes + 1) * Self.recordOverhead
        ) { space in
            unsafe bio.pointee.out = space.baseAddress?.assumingMemoryBound(to: UInt8.self)
            unsafe bio.pointee.out_cap = space.count
            unsafe bio.pointee.out_len = 0
            unsafe plaintext.withUnsafeReadableBytes { bytes in
                var written = 0
                result = unsafe SSL_write_ex(ssl, bytes.baseAddress, bytes.count, &written)
            }
            defer {
                unsafe bio.pointee.out = nil
                unsafe bio.pointee.out_cap = 0
                unsafe bio.pointee.out_len = 0
            }
            return unsafe bio.pointee.out_len
        }
        takeOutput(into: &output)
        guard result == 1 else {
            guard case .failed(let failure) = progress(after: result) else { return .library(reason: 0) }
            return failure
        }
        return nil
    }

    /// Whether handshake messages or alerts wait to be sent.
    var hasOutput: Bool { outputCount > 0 }

    /// How many bytes of that wait.
    var outputCount: Int { unsafe bio.pointee.overflow_len }

    /// Whether what waits at the end of the handshake is only for later connections: a server has nothing else to say
    /// then in TLS 1.3, while in TLS 1.2 the peer waits for it.
    var outputIsTickets: Bool {
        if case .server = role { isTLS13 } else { false }
    }

    /// Appends and forgets what waits to be sent.
    func takeOutput(into output: inout ByteBuffer) {
        guard hasOutput else { return }
        let waiting = unsafe UnsafeRawBufferPointer(start: bio.pointee.overflow, count: bio.pointee.overflow_len)
        unsafe output.writeBytes(waiting)
        unsafe ent_bio_clear_overflow(bio)
    }

    /// Makes a close_notify unless one was made. Only after a handshake that did not fail.
    func shutDown() {
        guard !isShutDown else { return }
        ERR_clear_error()
        unsafe SSL_shutdown(ssl)
        ERR_clear_error()
    }

    /// Whether our close_notify was made: nothing can be sealed any more.
    var isShutDown: Bool { unsafe SSL_get_shutdown(ssl) & SSL_SENT_SHUTDOWN != 0 }

    private func progress(after result: Int32) -> Progress {
        switch unsafe SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: .wantsMore
        case SSL_ERROR_ZERO_RETURN: .peerClosed
        default: .failed(failure())
        }
    }
}
