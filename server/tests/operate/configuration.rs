//! The settings of the `drumline` program.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use drumline::DEFAULT_FILE;

/// A folder in which the program is started. It is deleted with this.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("drumline-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.join(name), text).unwrap();
    }

    fn drumline(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_drumline"));
        command.args(arguments).current_dir(&self.0).stdin(Stdio::null());
        command
    }

    /// Runs the program to its end. Returns its exit code, standard output and standard error.
    fn run(&self, arguments: &[&str], variables: &[(&str, &str)]) -> (i32, String, String) {
        let output = self.drumline(arguments).envs(variables.iter().copied()).output().unwrap();
        let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        (output.status.code().unwrap(), out, err)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn the_printed_default_is_a_valid_file_and_changes_nothing() {
    let folder = Folder::new("printed");
    let (code, printed, _) = folder.run(&["config", "--print-default"], &[]);
    assert_eq!((code, printed.as_str()), (0, DEFAULT_FILE));
    let (code, without, _) = folder.run(&["config", "--print"], &[]);
    assert_eq!(code, 0);
    folder.write("drumline.toml", &printed);
    let (code, words, _) = folder.run(&["config", "--check"], &[]);
    assert_eq!((code, words.as_str()), (0, "the configuration is valid\n"));
    assert_eq!(folder.run(&["config", "--print"], &[]).1, without);
}

#[test]
fn the_environment_overrides_the_file_and_flags_override_both() {
    let folder = Folder::new("order");
    folder.write("drumline.toml", "[rooms]\nshards = 1\ntick_hz = 10\nmax_players = 2\n");
    folder.write("other.toml", "[rooms]\nbudget_bytes = 300\n");
    let settings = |arguments: &[&str], variables: &[(&str, &str)]| -> toml::Table {
        let (code, printed, errors) = folder.run(arguments, variables);
        assert_eq!(code, 0, "{errors}");
        let table: toml::Table = toml::from_str(&printed).unwrap();
        table["rooms"].as_table().unwrap().clone()
    };
    let variables =
        [("DRUMLINE_TICK_HZ", "20"), ("DRUMLINE_ROOMS__MAX_PLAYERS", "3"), ("DRUMLINE_SEED", "7")];
    let rooms = settings(&["--max-players", "4", "--set", "rooms.seed=8", "config", "--print"], &variables);
    for (key, value) in
        [("shards", 1), ("tick_hz", 20), ("max_players", 4), ("seed", 8), ("budget_bytes", 4096)]
    {
        assert_eq!(rooms[key].as_integer(), Some(value), "{key}");
    }
    let rooms = settings(&["config", "--print", "--config", "other.toml"], &[]);
    assert_eq!((rooms["budget_bytes"].as_integer(), rooms.get("shards")), (Some(300), None));
    assert_eq!(settings(&["config", "--print"], &[("DRUMLINE_CONFIG", "other.toml")]), rooms);
}

#[test]
fn a_server_runs_with_the_settings_of_its_file() {
    let folder = Folder::new("runs");
    folder.write("drumline.toml", "bind = \"127.0.0.1:0\"\n[log]\nfilter = \"off\"\n");
    let mut child = folder.drumline(&[]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let address =
        line.trim().strip_prefix("drumline listening on http://127.0.0.1:").expect("the ready line");
    assert_ne!(address, "7777", "the port that the system gave, not the default");
}

#[test]
fn what_is_wrong_ends_the_program_with_2_and_a_message_that_helps() {
    let folder = Folder::new("wrong");
    folder.write("unknown.toml", "[rooms]\n\ntick_rate = 30\n");
    folder.write("range.toml", "bind = \"127.0.0.1:0\"\n[rooms]\nshards = 0\n");
    folder.write("syntax.toml", "bind = 127.0.0.1:0\n");
    let none: &[(&str, &str)] = &[];
    for (arguments, variables, words) in [
        (&["--config", "unknown.toml"][..], none, &["unknown.toml, line 3", "tick_rate", "`tick_hz`"][..]),
        (&["--config", "range.toml"], none, &["range.toml, line 3", "rooms.shards", "`0`", "from 1 to 256"]),
        (&["--config", "syntax.toml"], none, &["syntax.toml, line 1"]),
        (&["config", "--check", "range.toml"], none, &["range.toml, line 3", "from 1 to 256"]),
        (&["--config", "missing.toml"], none, &["missing.toml", "cannot read"]),
        (&[], &[("DRUMLINE_ROOMS__TICKS", "30")], &["DRUMLINE_ROOMS__TICKS", "`tick_hz`"]),
        (&[], &[("DRUMLINE_SHARDS", "many")], &["DRUMLINE_SHARDS", "\"many\"", "from 1 to 256"]),
        (&["--tick-hz", "0"], none, &["--tick-hz", "from 1 to 240"]),
        (&["--set", "rooms.speed=3"], none, &["--set", "`speed`", "`tick_hz`"]),
        (&["--set", "rooms"], none, &["--set", "KEY=VALUE"]),
        (&["--speed", "3"], none, &["--speed"]),
        (&["config"], none, &["--print-default", "--check"]),
    ] {
        let (code, out, err) = folder.run(arguments, variables);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?} {variables:?}: {err}");
        for word in words {
            assert!(err.contains(word), "{arguments:?} {variables:?}: {word} is missing: {err}");
        }
    }
}

#[test]
fn the_help_shows_the_actual_defaults() {
    let folder = Folder::new("help");
    let (code, help, _) = folder.run(&["--help"], &[]);
    assert_eq!(code, 0);
    let printed: toml::Table = toml::from_str(DEFAULT_FILE).unwrap();
    let rooms = printed["rooms"].as_table().unwrap();
    let words: Vec<_> = help.split_whitespace().collect();
    for (flag, default) in [
        ("--bind", printed["bind"].as_str().unwrap().to_owned()),
        ("--budget-bytes", rooms["budget_bytes"].to_string()),
        ("--resume-seconds", rooms["resume_seconds"].to_string()),
    ] {
        let at = words.iter().position(|word| *word == flag).unwrap();
        let shown = words[at..].windows(2).find(|pair| pair[0] == "[default:").unwrap()[1];
        assert_eq!(shown, format!("{default}]"), "{flag}");
    }
}
