"""Throw-away certificates, made with the openssl command."""

import subprocess


def _openssl(folder, *words):
    subprocess.run(["openssl", *map(str, words)], cwd=folder, check=True, capture_output=True)


class Authority:
    """Signs certificates for one test; files are NAME.pem and NAME.key."""

    def __init__(self, folder, name="ca"):
        folder.mkdir(exist_ok=True)
        self.folder, self.name = folder, name
        self.ca = folder / f"{name}.pem"
        _openssl(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                 "-nodes", "-days", "2", "-subj", f"/CN={name}", "-keyout", f"{name}.key",
                 "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-out", f"{name}.pem")

    def sign(self, name, subject=None, alt="IP:127.0.0.1,IP:0.0.0.0,DNS:localhost", days=2):
        """(certificate, key) as paths."""
        extensions = self.folder / f"{name}.ext"
        # What Python 3.13 asks of a certificate beside the name.
        extensions.write_text("authorityKeyIdentifier=keyid\nbasicConstraints=CA:FALSE\n" +
                              (f"subjectAltName={alt}\n" if alt else ""))
        _openssl(self.folder, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                 "-nodes", "-subj", subject or f"/CN={name}", "-keyout", f"{name}.key",
                 "-out", f"{name}.csr")
        _openssl(self.folder, "x509", "-req", "-in", f"{name}.csr", "-CA", f"{self.name}.pem",
                 "-CAkey", f"{self.name}.key", "-CAcreateserial", "-days", days,
                 "-extfile", extensions, "-out", f"{name}.pem")
        (self.folder / f"{name}.key").chmod(0o600)
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"
