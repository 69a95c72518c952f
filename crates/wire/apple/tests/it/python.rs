//! What we write, read by Python's plistlib, which shares no code with us.

use std::io::Write as _;
use std::process::{Command, Stdio};

use wire_apple::plist::{self, Dict, Value};

const ECHO: &str = "import plistlib,sys; sys.stdout.buffer.write(plistlib.dumps(plistlib.loads(sys.stdin.buffer.read()), \
                    fmt=plistlib.FMT_BINARY))";

#[test]
fn it_reads_what_we_write_and_we_read_what_it_writes() {
    let value = Value::Dict(
        Dict::new()
            .with("text", "größe & <tag>\r\n🍏")
            .with("int", i64::MIN)
            .with("real", Value::Real(0.1))
            .with("yes", true)
            .with("data", (0..=255).collect::<Vec<u8>>())
            .with("date", Value::Date(1_795_374_983_000))
            .with("array", vec![Value::from("a"), Value::Array(vec![]), Value::Dict(Dict::new())])
            .with("dict", Dict::new().with("", "an empty key")),
    );
    let child =
        Command::new("python3").args(["-c", ECHO]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => {
            assert!(std::env::var_os("NOTIFYMDM_REQUIRE_ALL").is_none(), "python3: {error}");
            eprintln!("skipped: python3 is not installed");
            return;
        }
    };
    child.stdin.take().expect("its input").write_all(&value.to_xml()).expect("written");
    let output = child.wait_with_output().expect("its output");
    assert!(output.status.success());
    let again = plist::read(&output.stdout).expect("binary");
    let sorted = |value: &Value| {
        let Value::Dict(dict) = value else { panic!("a dictionary") };
        let mut pairs: Vec<_> = dict.iter().map(|(key, value)| (key.to_owned(), value.clone())).collect();
        pairs.sort_by(|a, b| a.0.cmp(&b.0));
        pairs
    };
    assert_eq!(sorted(&again), sorted(&value));
}
