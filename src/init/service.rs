//! The service of the federation's server: its environment, the file for systemd, and the command that starts it.

use std::path::Path;

use super::folder::{DATABASE, ENVIRONMENT, SERVICE, quoted};
use crate::auth::{Language, Secret};

/// The variable of the administrator's token.
pub const TOKEN: &str = "SANGKIEN_ADMIN_TOKEN";

/// The file with the secret, a variable a line, as systemd and a shell read it.
pub fn environment(secret: &Secret, language: Language) -> String {
    let about = language.choose(
        "The administrator's token: keep this file to yourself.",
        "Mã truy cập của người quản trị: đừng cho ai xem tệp này.",
    );
    let lang = language.choose("en", "vi");
    format!("# {about}\n{TOKEN}={}\nSANGKIEN_LANG={lang}\n", secret.reveal())
}

/// The file for systemd. The server runs as the user whose systemd it is given to.
pub fn unit(program: &Path, folder: &Path, language: Language) -> String {
    let about = language.choose(
        "The server of this folder, as a systemd service of the user who made it.",
        "Máy chủ của thư mục này, là dịch vụ systemd của người đã tạo ra nó.",
    );
    let (program, folder) = (argument(program), specified(folder));
    format!(
        "# {about}
[Unit]
Description=Sangkien

[Service]
WorkingDirectory={folder}
EnvironmentFile={folder}/{ENVIRONMENT}
ExecStart={program} serve --listen 0.0.0.0:8080 --database sqlite://{DATABASE}
UMask=0077
Restart=always
RestartSec=2s
TimeoutStopSec=30s

[Install]
WantedBy=default.target
"
    )
}

/// The command for a shell that gives the file to systemd, and starts the service, now and with the machine.
pub fn start(folder: &Path) -> String {
    let file = quoted(&folder.join(SERVICE));
    if is_root() {
        return format!(
            "cp {file} /etc/systemd/system/ && systemctl daemon-reload && systemctl enable --now sangkien"
        );
    }
    format!(
        "mkdir -p ~/.config/systemd/user && cp {file} ~/.config/systemd/user/ && systemctl --user daemon-reload && \
         systemctl --user enable --now sangkien && loginctl enable-linger"
    )
}

#[cfg(unix)]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

/// A path as the value of a setting; systemd replaces what begins with a per cent sign.
fn specified(path: &Path) -> String {
    path.display().to_string().replace('%', "%%")
}

/// A path as a word of a command line, by systemd's rules.
fn argument(path: &Path) -> String {
    let text = specified(path).replace('$', "$$");
    if text.contains([' ', '"', '\'', '\\']) {
        format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_by_the_rules_of_systemd() {
        let unit =
            unit(Path::new("/opt/my own/100%"), Path::new("/home/an/50% xong"), Language::English);
        assert!(unit.contains("\nWorkingDirectory=/home/an/50%% xong\n"), "{unit}");
        assert!(unit.contains("\nEnvironmentFile=/home/an/50%% xong/env\n"), "{unit}");
        assert!(unit.contains("\nExecStart=\"/opt/my own/100%%\" serve "), "{unit}");
    }
}
