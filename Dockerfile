# Production: the web process. The worker is the same image with `python manage.py worker`, and each release runs
# `python manage.py migrate` first. deploy/compose.yaml puts them together.
FROM python:3.12-slim-trixie

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MEDIA_ROOT=/var/lib/passport/media
WORKDIR /app

# Exactly what was tested, and nothing that would have to be built here.
COPY requirements.txt .
RUN pip install --no-cache-dir --root-user-action ignore --require-hashes --only-binary :all: -r requirements.txt

# `backup` and `restore` call pg_dump, pg_restore and psql, which must not be older than the server (deploy/compose.yaml).
RUN apt-get -qq update && apt-get -qq install -y --no-install-recommends postgresql-client-17 && rm -rf /var/lib/apt/lists/*

# Without the tests and the sandbox tenant: .dockerignore
COPY manage.py gunicorn.conf.py ./
COPY passport passport
COPY identity identity
COPY vendors vendors
COPY onboarding onboarding

# Settings insist on their variables; none of these stays in the image.
RUN SECRET_KEY=build DATABASE_URL=postgres://build BASE_URL=https://build.example EMAIL_URL=smtp://build \
    DEFAULT_FROM_EMAIL=build@build.example VM_EMAIL=build@build.example ENTRA_TENANT_ID=build ENTRA_CLIENT_ID=build \
    ENTRA_CLIENT_SECRET=build FIELD_ENCRYPTION_KEYS=build \
    python manage.py collectstatic --no-input --verbosity 0
RUN python -m compileall -q .

# Any user may run it, also one without a name (OpenShift), as long as it is in group 0.
RUN install -d -o 10001 -g 0 -m 770 /var/lib/passport/media && install -d -o 10001 -g 0 -m 771 /run/passport

USER 10001:0
VOLUME /var/lib/passport/media
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as http; http.urlopen('http://127.0.0.1:8000/livez', timeout=4)"]
# The socket is for a proxy beside it (deploy/nginx), which alone should be reached from outside.
CMD ["gunicorn", "--bind", "unix:/run/passport/web.sock", "--bind", "0.0.0.0:8000", "--worker-tmp-dir", "/dev/shm", "passport.wsgi"]
