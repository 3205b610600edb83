// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import Gateway
internal import MatrixFederation
internal import PolicyEngine
internal import Transport

/// Everything that can be said of a configuration and a policy before anything starts. Reads files, writes none.
struct ConfigurationCheck {
    /// Four-part messages, those of a file in its order.
    private(set) var errors: [String] = []
    private(set) var warnings: [String] = []
    private(set) var configuration: Configuration?
    private(set) var policy: Policy?
    /// When each list becomes too old, by its name.
    private(set) var listEnds: [String: Timestamp] = [:]

    private static let meanwhile = "the gateway would not start"
    private static let maxFileBytes = 1 << 20

    /// - Parameters:
    ///   - file: the configuration, if it is to be checked.
    ///   - policyFile: the policy instead of the configuration's.
    init(configuration file: String?, policy draft: String?) {
        let named = file.flatMap { readConfiguration($0) }
        let policyFile = draft ?? named
        if let policyFile { readPolicy(policyFile) }
        // A policy that is only tried out is not signed yet.
        if draft == nil, let configuration, let policy { checkActivation(policy, configuration) }
        if let configuration {
            for listener in configuration.listeners { check(listener) }
            check(configuration.federation, in: file ?? "")
            for receiver in configuration.sinks.receivers { check(receiver) }
            for store in configuration.networks.trustStores.sorted(by: { $0.key < $1.key }) {
                if let bytes = read(store.value, limit: Self.maxFileBytes) { checkRoots(bytes, store.value) }
            }
            if let policy, let policyFile { check(configuration, against: policy, policyFile) }
            if let policy, let policyFile { checkLockdowns(configuration, policy, policyFile) }
        }
        if let policy {
            warnings += policy.warnings.map(\.description)
            warnings += policy.unenforced.map(\.description)
            if configuration?.mixed == .withhold { warnings += policy.warningsIfMixedIsWithheld.map(\.description) }
        }
    }

    var isClean: Bool { errors.isEmpty }

    /// - Returns: the policy that it names, if it can be told.
    private mutating func readConfiguration(_ file: String) -> String? {
        guard let bytes = read(file, limit: Configuration.maxBytes) else { return nil }
        do {
            let read = try Configuration.decode(bytes, file: file)
            configuration = read
            return read.policyFile
        } catch let faults as ConfigurationErrors {
            errors += faults.diagnostics.map(\.description)
        } catch {
            errors.append("\(file): \(error); \(Self.meanwhile); correct the file")
        }
        return Configuration.policyFile(in: bytes, file: file)
    }

    private mutating func readPolicy(_ file: String) {
        guard let bytes = read(file, limit: PolicyFile.maxBytes) else { return }
        let floors = configuration.map { ListFloors(directory: $0.auditDirectory) }
        let lists = PolicyFile.lists(of: bytes, file, floors)
        listEnds = lists.ends
        do throws(PolicyErrors) {
            policy = try Policy.compile(
                bytes, fileName: file, lists: lists.readings, meanwhile: "the policy would not be used")
        } catch {
            errors += error.diagnostics.map(\.description)
            if error.suppressed > 0 {
                errors.append("\(file): \(error.suppressed) more errors; they are not listed; correct these first")
            }
        }
    }

    private mutating func read(_ file: String, limit: Int) -> [UInt8]? {
        do throws(FileBytes.Failure) {
            return try FileBytes.read(file, limit: limit)
        } catch {
            errors.append("\(error); \(Self.meanwhile); check the path and the rights of the file")
            return nil
        }
    }

    // MARK: Signatures, serial, dates

    /// What the gateway would ask at a start, as far as this user can read it.
    private mutating func checkActivation(_ policy: Policy, _ configuration: Configuration) {
        var floor: PolicyFloor?
        do throws(FloorStore.Fault) {
            floor = try FloorStore(directory: configuration.auditDirectory).read()
        } catch {
            let what = "\(error.description); the policy's serial is not compared; \(error.todo)"
            if error.isUnreadable { warnings.append(what) } else { errors.append(what) }
        }
        let check = ActivationCheck(
            policy, PolicyOffer.evidence(besides: configuration.policyFile),
            signatureFile: PolicyOffer.signatureFile(of: configuration.policyFile),
            ActivationCheck.Facts(trust: configuration.policy.trust, floor: floor, now: WallClock.system.now),
            meanwhile: Self.meanwhile)
        errors += check.refusals.map(\.description)
        warnings += check.warnings.map(\.description)
        do throws(LockdownStore.Fault) {
            let lockdowns = try LockdownStore(directory: configuration.auditDirectory).read() ?? LockdownRegister()
            do {
                try Node.refuseUnknown(lockdowns, in: policy, meanwhile: Self.meanwhile)
            } catch {
                errors.append("\(error)")
            }
        } catch .disk(let directory, let failure) {
            let todo = LockdownStore.Fault.disk(directory: directory, failure).todo
            warnings.append("\(directory): \(failure.description); lockdowns in force are not looked at; \(todo)")
        } catch {
            errors.append("\(error.description); \(Self.meanwhile); \(error.todo)")
        }
    }

    // MARK: Certificates

    private mutating func check(_ listener: ListenerSettings) {
        let before = errors.count
        for files in listener.certificates { check(files, listener) }
        if let file = listener.clientRootsFile, let bytes = read(file, limit: Self.maxFileBytes) {
            checkRoots(bytes, file)
        }
        guard errors.count == before else { return }
        // What only shows when all of them are put together.
        do { _ = try listener.tlsContext() } catch { errors.append("\(error)") }
    }

    private mutating func check(_ files: ListenerSettings.Certificate, _ listener: ListenerSettings) {
        let chain = read(files.chainFile, limit: Self.maxFileBytes)
        let key = read(files.keyFile, limit: Self.maxFileBytes)
        guard let chain, let key else { return }
        do throws(OpenSSLFault) {
            _ = try X509Certificate.chain(pem: chain)
        } catch {
            errors.append(
                "\(files.chainFile): \(error); \(Self.meanwhile); give a PEM file, the server's certificate first")
        }
        do throws(OpenSSLFault) {
            _ = try PrivateKey(pem: key)
        } catch {
            errors.append("\(files.keyFile): \(error); \(Self.meanwhile); give a PEM file with a key without password")
        }
        guard let identity = try? TLSIdentity(certificates: chain, key: key) else { return }
        var tls = TLSServerConfiguration(identities: [identity])
        tls.absentSNI = .accept
        do throws(OpenSSLFault) {
            _ = try TLSServerContext(tls)
        } catch {
            errors.append("\(files.keyFile): \(error); \(Self.meanwhile); name the key of \(quoted(files.chainFile))")
        }
    }

    private mutating func check(_ receiver: SinkSettings.Receiver) {
        var identity = SyslogIdentity()
        do throws(SyslogIdentity.Fault) {
            _ = try identity.context(of: receiver)
        } catch {
            errors.append(
                "\(receiver.place): \(error.what); the sink would be down; give PEM files: a chain, its key without password, "
                    + "and the authorities of the receiver")
        }
    }

    private mutating func checkRoots(_ bytes: [UInt8], _ file: String) {
        var tls = TLSClientConfiguration()
        tls.roots = .pem(bytes)
        do {
            _ = try TLSClientContext(tls)
        } catch {
            errors.append("\(file): \(error); \(Self.meanwhile); give a PEM file of authorities")
        }
    }

    private mutating func check(_ federation: FederationSettings, in file: String) {
        if let roots = federation.rootsFile, let bytes = read(roots, limit: Self.maxFileBytes) {
            checkRoots(bytes, roots)
        }
        for text in federation.allowedAddresses where IPNetwork(text) == nil {
            errors.append(
                "\(file): \(quoted(text)) in `allow_addresses` is no address range; \(Self.meanwhile); "
                    + "write it like `10.20.0.0/16`")
        }
    }

    // MARK: Policy and configuration

    /// A lockdown that could be put in force and not be ended, or neither.
    private mutating func checkLockdowns(_ configuration: Configuration, _ policy: Policy, _ file: String) {
        guard !policy.lockdownProfiles.isEmpty else { return }
        if configuration.controlSocket == nil {
            warnings.append(
                "\(file): \(quoted("lockdown")) is prepared and the node has no control socket; nobody can put it in force; "
                    + "add `control: { socket: PATH }` to the configuration")
        }
        guard case .officers(let quorum) = configuration.policy.trust else { return }
        for profile in policy.lockdownProfiles {
            let need = max(profile.tightenNeeds, profile.loosenNeeds)
            guard need > quorum.officers.count else { continue }
            warnings.append(
                "\(file): lockdown \(quoted(profile.name)) needs \(need) officers and the node names "
                    + "\(quorum.officers.count); until its time is over it cannot be ended; name more in `policy.officers`"
            )
        }
    }

    private mutating func check(_ configuration: Configuration, against policy: Policy, _ file: String) {
        let networks = NodeNetworks(policy: policy, configuration: configuration)
        errors += networks.faults(meanwhile: Self.meanwhile)
        warnings += networks.warnings
        let sinks = NodeSinks(policy: policy, settings: configuration.sinks)
        errors += sinks.faults(policyFile: file, meanwhile: Self.meanwhile)
        warnings += sinks.warnings
        for homeserver in configuration.homeservers where !policy.isOwn(homeserver.serverName) {
            errors.append(
                "\(file): \(quoted(homeserver.serverName.text)) of `homeservers` is not under `self.servers`; "
                    + "\(Self.meanwhile); add it to the policy or take it out of `homeservers`")
        }
    }
}
