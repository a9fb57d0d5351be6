"""A certificate for localhost, made with the openssl command and kept in the build folder for a week."""
import os
import subprocess
import time

from server_process import PROGRAMS

WEEK = 7 * 24 * 3600


def certificate(folder=os.path.join(PROGRAMS, "../bench")):
    """Paths of the certificate and its key."""
    os.makedirs(folder, exist_ok=True)
    files = [os.path.realpath(os.path.join(folder, name)) for name in ("certificate.pem", "key.pem")]
    if not all(os.path.exists(one) and os.path.getmtime(one) > time.time() - WEEK for one in files):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "14", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-out", files[0], "-keyout", files[1]], check=True, capture_output=True)
    return files


if __name__ == "__main__":
    print(*certificate())
