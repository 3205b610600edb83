// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import MatrixFederation

/// Where a command has a pass-phrase from: the terminal, without echo, or a file that only its owner can read.
struct PassphraseOptions: ParsableArguments {
    /// Short ones are guessed, whatever a guess costs.
    private static let leastBytes = 12

    @Option(
        help: ArgumentHelp(
            "Read the pass-phrase from a file with mode 0600, instead of asking for it.", valueName: "file"))
    var passphraseFile: String?

    /// For a key that is made now; a terminal is asked twice.
    func ofNewKey() throws -> Passphrase { try Self.ofNewKey("the new key", from: passphraseFile) }

    /// - Parameter name: of the key, for the question.
    static func ofNewKey(_ name: String, from file: String?) throws -> Passphrase {
        let passphrase = try read("pass-phrase for \(name): ", "no key was made", from: file)
        guard passphrase.count >= leastBytes else {
            throw failure(
                "the pass-phrase has less than \(leastBytes) characters; no key was made; take several words")
        }
        guard file == nil else { return passphrase }
        guard try read("the same again: ", "no key was made", from: nil).isSame(as: passphrase) else {
            throw failure("the two pass-phrases differ; no key was made; try again")
        }
        return passphrase
    }

    /// For a key that is there.
    func ofKey(_ file: String) throws -> Passphrase {
        try Self.read("pass-phrase of \(file): ", "nothing was signed", from: passphraseFile)
    }

    static func read(_ prompt: String, _ meanwhile: String, from file: String?) throws -> Passphrase {
        var bytes = try file.map { try readFile($0, meanwhile) } ?? ask(prompt, meanwhile)
        if bytes.last == 0x0A { bytes.removeLast() }
        defer { bytes.wipe() }
        guard let passphrase = Passphrase(taking: &bytes) else {
            throw failure(
                "the pass-phrase is empty or longer than \(Passphrase.maxBytes) bytes; \(meanwhile); try again")
        }
        return passphrase
    }

    private static func readFile(_ path: String, _ meanwhile: String) throws -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            throw failure("\(path): cannot be opened, \(reason()); \(meanwhile); check its path and rights")
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw failure("\(path): is no file; \(meanwhile); name a file that holds the pass-phrase")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw failure(
                "\(path): others than its owner can read it; \(meanwhile); `chmod 600` it, and consider it known")
        }
        return try readLine(descriptor, path, meanwhile)
    }

    /// Asks on the process's terminal, wherever its input and output lead.
    private static func ask(_ prompt: String, _ meanwhile: String) throws -> [UInt8] {
        let terminal = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else {
            throw failure("there is no terminal to ask on; \(meanwhile); give `--passphrase-file FILE`")
        }
        defer { close(terminal) }
        var before = termios()
        guard unsafe tcgetattr(terminal, &before) == 0 else {
            throw failure("the terminal cannot be set, \(reason()); \(meanwhile); give `--passphrase-file FILE`")
        }
        var silent = before
        // Without signals, so that an interrupt does not leave the terminal silent: it is read as a character.
        silent.c_lflag &= ~tcflag_t(ECHO | ISIG)
        silent.c_lflag |= tcflag_t(ICANON)
        guard unsafe tcsetattr(terminal, TCSAFLUSH, &silent) == 0 else {
            throw failure("the terminal cannot be set, \(reason()); \(meanwhile); give `--passphrase-file FILE`")
        }
        defer { unsafe _ = tcsetattr(terminal, TCSAFLUSH, &before) }
        write(prompt, to: terminal)
        var bytes = try readLine(terminal, "the terminal", meanwhile)
        write("\n", to: terminal)
        guard !bytes.contains(0x03) else {
            bytes.wipe()
            throw failure("interrupted; \(meanwhile)")
        }
        return bytes
    }

    private static func write(_ text: String, to terminal: Int32) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(terminal, $0.baseAddress, $0.count) }
    }

    /// Up to a line feed or the end; one byte more than a pass-phrase may have at most.
    private static func readLine(_ descriptor: Int32, _ name: String, _ meanwhile: String) throws -> [UInt8] {
        var bytes: [UInt8] = []
        // Grown once, so that no copy of a part stays behind.
        bytes.reserveCapacity(Passphrase.maxBytes + 2)
        while bytes.count <= Passphrase.maxBytes, bytes.last != 0x0A {
            var byte: UInt8 = 0
            let count = unsafe Glibc.read(descriptor, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                bytes.wipe()
                throw failure("\(name): cannot be read, \(reason()); \(meanwhile); try again")
            }
            if count == 0 { break }
            bytes.append(byte)
        }
        return bytes
    }

    private static func reason() -> String { unsafe String(cString: strerror(errno)).lowercased() }

    private static func failure(_ why: String) -> ExitCode {
        Terminal.complain(why)
        return Ending.refused
    }
}
