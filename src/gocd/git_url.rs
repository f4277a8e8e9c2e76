//! URLs of git repositories.

/// Host and path of a git URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitUrl {
    /// Host name in lower case, without port.
    pub host: String,
    /// Path without leading `/` and without `.git`.
    pub path: String,
}

impl GitUrl {
    /// Reads `https://host/path`, `ssh://user@host:port/path`, `git://…` and `user@host:path`. `None` for local paths and
    /// whatever else has no host.
    ///
    /// ```
    /// use gocd2argo::gocd::git_url::GitUrl;
    /// let url = GitUrl::parse("git@github.com:acme/app.git").unwrap();
    /// assert_eq!((url.host.as_str(), url.path.as_str()), ("github.com", "acme/app"));
    /// assert_eq!(GitUrl::parse("/srv/git/app"), None);
    /// ```
    pub fn parse(url: &str) -> Option<GitUrl> {
        let (authority, path) = match url.split_once("://") {
            Some((scheme, rest)) if scheme != "file" => rest.split_once('/')?,
            Some(_) => return None,
            None => url.split_once(':').filter(|(host, _)| host.len() > 1 && !host.contains('/'))?,
        };
        let host = authority.rsplit('@').next().unwrap_or(authority);
        let host = host.split(':').next().unwrap_or(host).to_lowercase();
        let path = path.trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path).to_string();
        if host.is_empty() || path.is_empty() { None } else { Some(GitUrl { host, path }) }
    }

    /// Host and path in the one form that all URLs of the repository share: git hosts give several URLs for one
    /// repository, and most of them do not tell upper and lower case apart.
    ///
    /// ```
    /// use gocd2argo::gocd::git_url::GitUrl;
    /// let form = |url: &str| GitUrl::parse(url).unwrap().repository();
    /// assert_eq!(form("git@ssh.dev.azure.com:v3/acme/Shop/app"), form("https://dev.azure.com/acme/shop/_git/app"));
    /// assert_eq!(form("ssh://git@code.example.com:7999/shop/app.git"), form("https://code.example.com/scm/SHOP/app.git"));
    /// ```
    pub fn repository(&self) -> (String, String) {
        let path = self.path.replace("%20", " ").to_lowercase();
        let parts: Vec<&str> = path.split('/').filter(|part| *part != "_git").collect();
        if let Some(organisation) = self.host.strip_suffix(".visualstudio.com") {
            let rest = parts.iter().filter(|part| **part != "v3" && **part != "defaultcollection");
            let rest: Vec<&str> = rest.copied().filter(|part| *part != organisation).collect();
            return ("dev.azure.com".into(), format!("{organisation}/{}", rest.join("/")));
        }
        match (self.host.as_str(), parts.as_slice()) {
            ("ssh.dev.azure.com", ["v3", rest @ ..]) => ("dev.azure.com".into(), rest.join("/")),
            // SSH on port 443.
            ("ssh.github.com", parts) => ("github.com".into(), parts.join("/")),
            ("altssh.bitbucket.org", parts) => ("bitbucket.org".into(), parts.join("/")),
            (host, ["v1", "repos", rest @ ..]) if host.starts_with("git-codecommit.") => {
                (host.to_string(), rest.join("/"))
            }
            // Bitbucket Server's URLs by HTTP, below a folder of the host perhaps.
            (host, [.., "scm", project, name]) => (host.to_string(), format!("{project}/{name}")),
            (host, parts) => (host.to_string(), parts.join("/")),
        }
    }
}

/// The URL without user name and password, and whether it had any that must not be shown. The user of an SSH URL is
/// part of the address and stays.
///
/// ```
/// use gocd2argo::gocd::git_url::without_credentials;
/// assert_eq!(without_credentials("https://u:p@h/x"), ("https://h/x".to_string(), true));
/// assert_eq!(without_credentials("git@h:x"), ("git@h:x".to_string(), false));
/// ```
pub fn without_credentials(url: &str) -> (String, bool) {
    let Some((scheme, rest)) = url.split_once("://") else { return (url.to_string(), false) };
    let (authority, path) = match rest.find('/') {
        Some(slash) => rest.split_at(slash),
        None => (rest, ""),
    };
    let Some((user, host)) = authority.rsplit_once('@') else { return (url.to_string(), false) };
    match (scheme, user.split_once(':')) {
        ("http" | "https", _) => (format!("{scheme}://{host}{path}"), true),
        (_, Some((name, _))) => (format!("{scheme}://{name}@{host}{path}"), true),
        (_, None) => (url.to_string(), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read_in_all_forms() {
        let cases = [
            ("https://github.com/acme/app.git", Some(("github.com", "acme/app"))),
            ("https://user:pass@GitHub.com/acme/app", Some(("github.com", "acme/app"))),
            ("ssh://git@host.example:2222/a/b/c.git", Some(("host.example", "a/b/c"))),
            ("git://host/x", Some(("host", "x"))),
            ("git@gitlab.com:group/sub/app.git", Some(("gitlab.com", "group/sub/app"))),
            ("file:///srv/git/app", None),
            ("C:/git/app", None),
            ("../app", None),
            ("https://host", None),
        ];
        for (url, expected) in cases {
            let parsed = GitUrl::parse(url);
            let parsed = parsed.as_ref().map(|url| (url.host.as_str(), url.path.as_str()));
            assert_eq!(parsed, expected, "{url}");
        }
    }

    #[test]
    fn passwords_never_stay() {
        for url in
            ["https://u:secret@h/x", "ssh://u:secret@h/x", "https://secret@h/x", "http://a@b:secret@h/x"]
        {
            let (clean, had) = without_credentials(url);
            assert!(had && !clean.contains("secret"), "{url} → {clean}");
        }
    }
}
