//! The two levels of the Pod Security Standards, for Linux pods.

use serde_json::Value as Json;

fn containers(pod: &Json) -> Vec<&Json> {
    let lists = ["initContainers", "containers", "ephemeralContainers"];
    lists.iter().flat_map(|list| pod[list].as_array().into_iter().flatten()).collect()
}

/// Capabilities that *baseline* lets containers add.
const ADDED: &[&str] = &[
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

const SYSCTLS: &[&str] = &[
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_wmem",
];

/// What *baseline* forbids, and on top of it: no capability is added at all.
pub fn baseline(pod: &Json) -> Vec<String> {
    let mut out = Vec::new();
    let mut forbid = |what: String, is: bool| out.extend(is.then_some(what));
    for key in ["hostNetwork", "hostPID", "hostIPC"] {
        forbid(key.to_string(), pod[key] == true);
    }
    for volume in pod["volumes"].as_array().into_iter().flatten() {
        forbid(format!("hostPath volume {}", volume["name"]), !volume["hostPath"].is_null());
    }
    let pod_context = &pod["securityContext"];
    for sysctl in pod_context["sysctls"].as_array().into_iter().flatten() {
        let known = sysctl["name"].as_str().is_some_and(|name| SYSCTLS.contains(&name));
        forbid(format!("sysctl {}", sysctl["name"]), !known);
    }
    context(pod_context, "pod", &mut forbid);
    for container in containers(pod) {
        let name = container["name"].to_string();
        let own = &container["securityContext"];
        forbid(format!("{name} is privileged"), own["privileged"] == true);
        for added in own["capabilities"]["add"].as_array().into_iter().flatten() {
            let known = added.as_str().is_some_and(|added| ADDED.contains(&added));
            forbid(
                format!("{name} adds {added}{}", if known { "" } else { ", which baseline forbids" }),
                true,
            );
        }
        let ports = container["ports"].as_array().into_iter().flatten();
        for port in ports {
            forbid(format!("{name} has a host port"), port["hostPort"].as_u64().unwrap_or(0) != 0);
        }
        let mount = &own["procMount"];
        forbid(format!("{name} has another procMount"), !mount.is_null() && mount != "Default");
        context(own, &name, &mut forbid);
    }
    out
}

/// What a pod and a container may both say.
fn context(context: &Json, name: &str, forbid: &mut impl FnMut(String, bool)) {
    forbid(format!("{name} is a host process"), context["windowsOptions"]["hostProcess"] == true);
    forbid(format!("{name} is without seccomp"), context["seccompProfile"]["type"] == "Unconfined");
    forbid(format!("{name} is without AppArmor"), context["appArmorProfile"]["type"] == "Unconfined");
    let linux = &context["seLinuxOptions"];
    let known = ["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"];
    forbid(
        format!("{name} has an SELinux user or role"),
        !linux["user"].is_null() || !linux["role"].is_null(),
    );
    forbid(
        format!("{name} has an SELinux type"),
        linux["type"].as_str().is_some_and(|kind| !known.contains(&kind)),
    );
}

/// What *restricted* demands besides *baseline*.
pub fn restricted(pod: &Json) -> Vec<String> {
    let mut out = Vec::new();
    let kinds = [
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "persistentVolumeClaim",
        "projected",
        "secret",
    ];
    for volume in pod["volumes"].as_array().into_iter().flatten() {
        if !kinds.iter().any(|kind| !volume[kind].is_null()) {
            out.push(format!("volume {} of another type", volume["name"]));
        }
    }
    let pod_context = &pod["securityContext"];
    if pod_context["runAsUser"] == 0 {
        out.push("the pod runs as root".to_string());
    }
    for container in containers(pod) {
        let name = &container["name"];
        let own = &container["securityContext"];
        // A container's own value wins over the pod's.
        let effective =
            |key: &str| if own[key].is_null() { pod_context[key].clone() } else { own[key].clone() };
        let mut demand = |what: &str, holds: bool| out.extend((!holds).then(|| format!("{name}: {what}")));
        demand("allowPrivilegeEscalation is not false", own["allowPrivilegeEscalation"] == false);
        demand("runAsNonRoot is not true", effective("runAsNonRoot") == true);
        demand("runs as root", own["runAsUser"] != 0);
        let seccomp = effective("seccompProfile")["type"].clone();
        demand("no seccomp profile", seccomp == "RuntimeDefault" || seccomp == "Localhost");
        let drops = own["capabilities"]["drop"].as_array().into_iter().flatten();
        demand("capabilities are not dropped", drops.into_iter().any(|drop| drop == "ALL"));
        let adds = own["capabilities"]["add"].as_array().into_iter().flatten();
        demand("adds a capability", adds.into_iter().all(|add| add == "NET_BIND_SERVICE"));
    }
    out
}
