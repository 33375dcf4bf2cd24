//! The program's exit codes, and files and outputs that it cannot read or write.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

/// The longest that a healthy program takes for anything here.
const SOON: Duration = Duration::from_secs(20);
/// The address space that the program may take here, in KiB: enough for its threads, and soon full if it reads without end.
const ADDRESS_SPACE_KIB: u32 = 4 << 20;

/// The program, with limited memory.
fn drumline(arguments: &[&str]) -> Command {
    let mut command = Command::new("sh");
    let limited = format!("ulimit -v {ADDRESS_SPACE_KIB}; exec \"$0\" \"$@\"");
    command.args(["-c", &limited, env!("CARGO_BIN_EXE_drumline")]).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The exit code and standard error of a program that ends by itself.
fn ended(output: Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// The lines that a program writes, as they come.
fn lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        BufReader::new(pipe).lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
    });
    receiver
}

/// Waits for a line with these words.
fn wait_for(lines: &Receiver<String>, words: &str) {
    while !lines.recv_timeout(SOON).unwrap_or_else(|_| panic!("no line with `{words}`")).contains(words) {}
}

fn signal(child: &Child, signal: &str) {
    Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
}

/// A folder for files that is deleted with this.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("drumline-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The settings that name a file, with those that they need beside them.
fn settings_with(file: &Path, good: &Path) -> Vec<[String; 3]> {
    let [file, good] = [file, good].map(|path| path.display().to_string());
    vec![
        [format!("auth.jwks_file={file}"), "auth.mode=jwt".into(), "auth.algorithm=RS256".into()],
        [format!("auth.key_file={file}"), "auth.mode=jwt".into(), "auth.algorithm=HS256".into()],
        [format!("tls.cert={file}"), format!("tls.key={good}"), "rooms.shards=1".into()],
        [format!("tls.cert={good}"), format!("tls.key={file}"), "rooms.shards=1".into()],
    ]
}

#[test]
fn mistakes_have_their_exit_codes() {
    let folder = Folder::new("codes");
    let missing = folder.0.join("missing");
    let missing = missing.to_str().unwrap();
    for (arguments, code) in [
        (&["--volume"][..], 2),
        (&["--bind", "nowhere"], 2),
        (&["--set", "rooms.speed=1"], 2),
        (&["--config", missing], 2),
        (&["config"], 2),
        (&["config", "--check", missing], 2),
        (&["types", "chess"], 2),
        (&["--tls-cert", missing], 2),
        (&["--bind", "192.0.2.1:1"], 1),
        (&["--bind", "127.0.0.1:0", "--tls-cert", missing, "--tls-key", missing], 1),
        (&["--bind", "127.0.0.1:0", "--set", "auth.mode=jwt", "--set", "auth.key=short"], 1),
        (&["--help"], 0),
        (&["--version"], 0),
        (&["config", "--print"], 0),
        (&["types", "arena"], 0),
    ] {
        let (got, words) = ended(drumline(arguments).output().unwrap());
        assert_eq!(got, Some(code), "{arguments:?}: {words}");
        assert_eq!(words.is_empty(), code == 0, "{arguments:?}: {words}");
        // Without the words it is the same.
        let mute = drumline(arguments).stderr(File::create("/dev/full").unwrap()).output().unwrap();
        assert_eq!(mute.status.code(), Some(code), "{arguments:?}");
    }
}

#[test]
fn a_text_that_cannot_be_written_is_a_failure() {
    for arguments in [&["config", "--print-default"][..], &["config", "--print"], &["types", "arena"]] {
        let output = drumline(arguments).stdout(File::create("/dev/full").unwrap()).output().unwrap();
        let (code, words) = ended(output);
        assert!(code == Some(1) && words.contains("standard output"), "{arguments:?}: {code:?} {words}");
    }
}

#[test]
fn a_server_whose_ready_line_cannot_be_written_goes_on() {
    let mut child = drumline(&["--bind", "127.0.0.1:0", "--shards", "1"])
        .stdout(File::create("/dev/full").unwrap())
        .spawn()
        .unwrap();
    wait_for(&lines(child.stderr.take().unwrap()), "the ready line could not be written");
    signal(&child, "-TERM");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn files_without_an_end_are_refused() {
    let folder = Folder::new("endless");
    let (long, good) = (folder.0.join("long"), folder.0.join("good"));
    // Long, but with nothing on the disk.
    File::create(&long).unwrap().set_len(1 << 40).unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(&good, made.cert.pem() + &made.signing_key.serialize_pem()).unwrap();
    for (file, reason) in [(Path::new("/dev/zero"), "not a regular file"), (&long, "more than 1048576 bytes")]
    {
        for settings in settings_with(file, &good) {
            let flags = settings.iter().flat_map(|setting| ["--set", setting]);
            let arguments: Vec<_> = ["--bind", "127.0.0.1:0"].into_iter().chain(flags).collect();
            let (code, words) = ended(drumline(&arguments).output().unwrap());
            assert_eq!(code, Some(1), "{settings:?}: {words}");
            assert!(
                words.contains(reason) && words.contains(file.to_str().unwrap()),
                "{settings:?}: {words}"
            );
        }
        let (code, words) = ended(drumline(&["--config", file.to_str().unwrap()]).output().unwrap());
        assert!(code == Some(2) && words.contains("more than 1048576 bytes"), "{file:?}: {code:?} {words}");
    }
}

#[test]
fn a_configuration_may_come_through_a_pipe() {
    let mut child = drumline(&["config", "--check", "/dev/stdin"]).stdin(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"[rooms]\ntick_hz = 20\n").unwrap();
    let (code, words) = ended(child.wait_with_output().unwrap());
    assert_eq!(code, Some(0), "{words}");
}

#[test]
fn a_file_that_blocks_does_not_keep_a_reload_or_the_end() {
    let folder = Folder::new("blocks");
    let key = folder.0.join("key");
    fs::write(&key, "a secret that is known to the tests alone").unwrap();
    let mut child = drumline(&["--bind", "127.0.0.1:0", "--shards", "1"])
        .envs([("DRUMLINE_AUTH__MODE", "jwt"), ("DRUMLINE_AUTH__KEY_FILE", key.to_str().unwrap())])
        .spawn()
        .unwrap();
    let (out, log) = (lines(child.stdout.take().unwrap()), lines(child.stderr.take().unwrap()));
    wait_for(&out, "drumline listening");
    fs::remove_file(&key).unwrap();
    assert!(Command::new("mkfifo").arg(&key).status().unwrap().success());
    signal(&child, "-HUP");
    wait_for(&log, "the keys for tokens were not reloaded");
    signal(&child, "-TERM");
    wait_for(&out, "lateness");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
