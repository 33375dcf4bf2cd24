//! The embedded files: the games' pages and the client library.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use crate::net::origin::AllowedOrigin;

/// The client library: the files of the npm package.
#[derive(RustEmbed)]
#[folder = "../client/src/"]
struct Client;

/// The content security policy of pages, up to the pages that may frame them.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; connect-src 'self' ws: wss:; frame-ancestors";

/// The page that shows any game: of a server whose games have none, and of every server at `/inspect/`.
#[derive(RustEmbed)]
#[folder = "inspect/"]
struct Inspector;

/// The folder of the page that shows any game.
const INSPECTOR: &str = "inspect/";

/// The origin of a folder's files.
#[derive(Debug, Clone)]
enum Source {
    /// The program.
    Embedded(fn(&str) -> Option<rust_embed::EmbeddedFile>),
    /// A folder on the disk, which is read at each request.
    Disk(PathBuf),
}

impl Source {
    fn find(&self, path: &str) -> Option<Cow<'static, [u8]>> {
        match self {
            Self::Embedded(find) => find(path).map(|file| file.data),
            Self::Disk(folder) => {
                // A path that leads out of the folder is none.
                let is_within = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
                let file = folder.join(path).canonicalize().ok().filter(|_| is_within)?;
                let root = folder.canonicalize().ok()?;
                file.starts_with(root).then(|| std::fs::read(file).ok().map(Cow::Owned)).flatten()
            }
        }
    }
}

/// The files to serve.
#[derive(Debug)]
pub struct Files {
    /// Folders, each with a slash at its end.
    folders: Vec<(Cow<'static, str>, Source)>,
    /// The declaration files of the games, by path.
    declarations: BTreeMap<String, String>,
    /// The game whose page is the root by default.
    first_game: Option<&'static str>,
    /// The content security policy.
    policy: String,
}

impl Default for Files {
    fn default() -> Self {
        Self {
            folders: vec![
                ("client/".into(), Source::Embedded(Client::get)),
                (INSPECTOR.into(), Source::Embedded(Inspector::get)),
            ],
            declarations: BTreeMap::new(),
            first_game: None,
            policy: policy(&[AllowedOrigin::Any]),
        }
    }
}

impl Files {
    /// Adds a page's files in its game's folder.
    pub fn add_page<P: RustEmbed>(&mut self, game: &'static str) {
        self.first_game.get_or_insert(game);
        self.folders.push((page_folder(game).into(), Source::Embedded(P::get)));
    }

    /// Adds the files of a folder on the disk as a page in its game's folder.
    pub fn add_page_from(&mut self, game: &'static str, folder: PathBuf) {
        self.first_game.get_or_insert(game);
        self.folders.push((page_folder(game).into(), Source::Disk(folder)));
    }

    /// Adds files in a folder of their own.
    pub fn add_folder<P: RustEmbed>(&mut self, name: &str) {
        self.folders.push((format!("{name}/").into(), Source::Embedded(P::get)));
    }

    /// Adds the declaration file of a game.
    pub fn add_declaration(&mut self, game: &str, text: String) {
        self.declarations.insert(format!("client/types/{game}.d.ts"), text);
    }

    /// Lets only some pages show these in a frame.
    pub fn set_frame_ancestors(&mut self, pages: &[AllowedOrigin]) {
        self.policy = policy(pages);
    }

    /// The file at a path, and its type.
    fn find(&self, path: &str) -> Option<(Cow<'static, [u8]>, String)> {
        if let Some(text) = self.declarations.get(path) {
            // By its name it would be a video.
            return Some((text.clone().into_bytes().into(), "text/plain; charset=utf-8".to_owned()));
        }
        let mut folders = self.folders.iter();
        let data = folders.find_map(|(folder, source)| source.find(path.strip_prefix(&**folder)?))?;
        Some((data, mime_guess::from_path(path).first_or_octet_stream().as_ref().to_owned()))
    }

    /// The response for a path; `None` if there is no such file. The root is the page of `game`.
    #[must_use]
    pub fn serve(&self, method: &Method, path: &str, game: Option<&str>) -> Option<Response> {
        if !matches!(*method, Method::GET | Method::HEAD) {
            return Some((StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response());
        }
        let path = match path.strip_prefix('/')? {
            "" => {
                let own = game.or(self.first_game).map(page_folder).unwrap_or_default() + "index.html";
                // A game without a page is shown by the one for all.
                if self.find(&own).is_some() { own } else { format!("{INSPECTOR}index.html") }
            }
            // Browsers ask for it on every page; a page that has one says so itself.
            "favicon.ico" if self.find("favicon.ico").is_none() => {
                return Some(StatusCode::NO_CONTENT.into_response());
            }
            "inspect" | INSPECTOR => format!("{INSPECTOR}index.html"),
            path => path.to_owned(),
        };
        let (data, mime) = self.find(&path)?;
        let headers = [
            (header::CONTENT_TYPE, &*mime),
            (header::CACHE_CONTROL, "no-cache"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::CONTENT_SECURITY_POLICY, &self.policy),
        ];
        Some((headers, Body::from(data.into_owned())).into_response())
    }
}

fn policy(frame_ancestors: &[AllowedOrigin]) -> String {
    let sources = frame_ancestors.iter().map(AllowedOrigin::policy_source);
    let sources =
        if frame_ancestors.is_empty() { "'none'".to_owned() } else { sources.collect::<Vec<_>>().join(" ") };
    format!("{POLICY} {sources}")
}

/// The folder of a game's page.
fn page_folder(game: &str) -> String {
    format!("games/{game}/")
}

/// The response for an unknown path.
#[must_use]
pub fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "there is nothing here\n").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_from_the_disk_is_read_anew_and_nothing_beside_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let page = folder.path().join("page");
        std::fs::create_dir(&page).unwrap();
        std::fs::write(folder.path().join("secret.txt"), "secret").unwrap();
        std::fs::write(page.join("index.html"), "first").unwrap();
        let mut files = Files::default();
        files.add_page_from("chess", page.clone());
        let find = |path: &str| files.find(path).map(|(data, _)| data.into_owned());
        assert_eq!(find("games/chess/index.html").as_deref(), Some(&b"first"[..]));
        std::fs::write(page.join("index.html"), "second").unwrap();
        assert_eq!(find("games/chess/index.html").as_deref(), Some(&b"second"[..]));
        for path in ["../secret.txt", "/etc/passwd", "./../secret.txt", "no.html", ""] {
            assert_eq!(find(&format!("games/chess/{path}")), None, "{path}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(folder.path().join("secret.txt"), page.join("link.txt")).unwrap();
            assert_eq!(find("games/chess/link.txt"), None, "a link out of the folder");
        }
    }

    #[test]
    fn a_game_without_a_page_is_shown_by_the_inspector() {
        let files = Files::default();
        for (path, game) in [("/", None), ("/", Some("chess")), ("/inspect/", None)] {
            assert_eq!(files.serve(&Method::GET, path, game).unwrap().status(), StatusCode::OK, "{path}");
        }
    }

    #[test]
    fn a_games_types_are_beside_the_client() {
        let mut files = Files::default();
        files.add_declaration("arena", "export interface Arena {}\n".to_owned());
        let serve = |path| files.serve(&Method::GET, path, None);
        let found = serve("/client/types/arena.d.ts").expect("it was added");
        assert_eq!(found.status(), StatusCode::OK);
        assert_eq!(
            found.headers()[header::CONTENT_TYPE],
            "text/plain; charset=utf-8",
            "by its name it is a video"
        );
        assert!(serve("/client/drumline.js").is_some(), "and the client is where it was");
        assert!(serve("/client/types/chess.d.ts").is_none());
    }
}
