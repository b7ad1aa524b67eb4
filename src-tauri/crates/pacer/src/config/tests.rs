use super::*;

fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::from_env(&pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}

#[test]
fn reads_what_a_marathon_file_says() {
    let config = read(&[
        ("PATH", "/bin"),
        ("MARATHON_MASTER", "zk://127.56.3.10:2181,127.56.3.11:2181/mesos"),
        ("MARATHON_ZK", "zk://me:secret@127.56.3.10:2181/lab/marathon"),
        ("MARATHON_HTTP_PORT", "8181"),
        ("MARATHON_FAILOVER_TIMEOUT", "60"),
        ("MARATHON_KILL_CHUNK_SIZE", "100"),
    ])
    .unwrap();
    let MasterUrl::ZooKeeper(master) = &config.master else { panic!("{:?}", config.master) };
    assert_eq!(master.path, "/mesos");
    assert_eq!(config.zk.path, "/lab/marathon");
    assert_eq!(config.zk.credentials.as_deref(), Some("me:secret"));
    assert_eq!((config.http_port, config.failover_timeout), (8181, Duration::from_secs(60)));
    assert_eq!(config.without_effect, ["MARATHON_KILL_CHUNK_SIZE"]);
    assert_eq!((config.framework_name.as_str(), config.mesos_role.as_str()), ("marathon", "*"));
}

#[test]
fn secrets_are_read_and_never_shown() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "hush-hush\n").unwrap();
    let config = read(&[
        ("MARATHON_MASTER", "127.0.0.1:5050"),
        ("MARATHON_ZK", "zk://me:hush-hush@127.0.0.1:2181/marathon"),
        ("MARATHON_MESOS_AUTHENTICATION", "true"),
        ("MARATHON_MESOS_AUTHENTICATION_PRINCIPAL", "marathon"),
        ("MARATHON_MESOS_AUTHENTICATION_SECRET_FILE", &file.path().display().to_string()),
        ("MARATHON_HTTP_CREDENTIALS", "me:hush-hush"),
    ])
    .unwrap();
    assert_eq!(config.mesos_credentials, Some(mesos::Credentials::new("marathon", "hush-hush")));
    assert!(!format!("{config:?}").contains("hush-hush"));
    let bad = read(&[("MARATHON_MASTER", "1:1"), ("MARATHON_ZK", "zk://me:hush-hush@nowhere")]).unwrap_err();
    assert!(!format!("{bad} {:?}", bad.problem()).contains("hush-hush"));
}

#[test]
fn tls_is_asked_for_by_name() {
    let config = read(&[
        ("MARATHON_MASTER", "https://10.0.0.1:5050,https://10.0.0.2:5050"),
        ("MARATHON_ZK", "zks://10.0.0.1:2281/marathon"),
        ("MARATHON_ZK_CA_FILE", "/ca.pem"),
        ("MARATHON_SSL_KEYSTORE_PATH", "/pacer.pem"),
        ("MARATHON_DISABLE_HTTP", ""),
        ("LIBPROCESS_SSL_CA_FILE", "/not/read/unless/enabled.pem"),
    ])
    .unwrap();
    assert_eq!(config.master, MasterUrl::Addresses(vec!["10.0.0.1:5050".to_owned(), "10.0.0.2:5050".to_owned()]));
    assert_eq!(config.mesos_tls, Some(tls::Files::default()));
    assert!(config.zk.tls && config.zk.to_string() == "zks://10.0.0.1:2281/marathon");
    let https = config.https.as_ref().unwrap();
    assert_eq!((https.port, https.only, config.scheme()), (8443, true, "https"));

    let enabled =
        [("LIBPROCESS_SSL_ENABLED", "true"), ("LIBPROCESS_SSL_CA_FILE", "/ca.pem"), ("MARATHON_MASTER", "a:1")];
    let files = read(&enabled).unwrap().mesos_tls.unwrap();
    assert_eq!(files.authorities, Some("/ca.pem".into()));
    assert_eq!(files.load().unwrap_err().problem().id, "tls-file-unreadable");
}

#[test]
fn nobody_believes_to_speak_tls_and_does_not() {
    let master = ("MARATHON_MASTER", "127.0.0.1:5050");
    let zks = ("MARATHON_ZK", "zks://127.0.0.1:2281/marathon");
    assert_eq!(read(&[master, zks]), Err(ConfigError::Missing { option: "zk_ca_file" }));
    let plain = read(&[master, ("MARATHON_ZK_CA_FILE", "/ca.pem")]);
    assert!(matches!(plain, Err(ConfigError::Bad { .. })), "{plain:?}");
    for only in ["MARATHON_DISABLE_HTTP", "MARATHON_SSL_CA_FILE"] {
        assert_eq!(read(&[master, (only, "x")]), Err(ConfigError::Missing { option: "ssl_keystore_path" }), "{only}");
    }
    let mixed = read(&[("MARATHON_MASTER", "https://127.0.0.1:5050,127.0.0.2:5050")]);
    assert!(matches!(mixed, Err(ConfigError::Bad { .. })), "{mixed:?}");
}

#[test]
fn refuses_what_marathon_refuses() {
    let master = ("MARATHON_MASTER", "127.0.0.1:5050");
    assert_eq!(read(&[]), Err(ConfigError::Missing { option: "master" }));
    let unknown = read(&[master, ("MARATHON_HTPP_PORT", "8080")]).unwrap_err();
    assert_eq!(unknown.to_string(), "Unknown option 'htpp_port'");
    let plugins = read(&[master, ("MARATHON_PLUGIN_DIR", "/plugins")]).unwrap_err();
    assert_eq!(plugins.to_string(), "Option 'plugin_dir' is not supported by Pacer");
    for (name, value) in [
        ("MARATHON_HTTP_PORT", "80800"),
        ("MARATHON_ZK", "127.0.0.1:2181/marathon"),
        ("MARATHON_ZK", "zk://127.0.0.1:2181"),
        ("MARATHON_MASTER", "zk://nowhere/mesos"),
        ("MARATHON_MASTER", "nowhere"),
        ("MARATHON_LOCAL_PORT_MAX", "9"),
        ("MARATHON_ENABLE_FEATURES", "docker,pods"),
        ("MARATHON_HTTP_CREDENTIALS", "me"),
        ("MARATHON_MESOS_AUTHENTICATION_SECRET_FILE", "/nowhere"),
    ] {
        assert!(matches!(read(&[master, (name, value)]), Err(ConfigError::Bad { .. })), "{name}={value}");
    }
}
