# Production: the web process. The worker is the same image with `python manage.py worker`, and each release
# runs `python manage.py migrate` first.
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app

COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt

COPY manage.py gunicorn.conf.py ./
COPY passport passport
COPY identity identity
COPY vendors vendors
COPY onboarding onboarding

# Settings insist on their variables; none of these stays in the image.
RUN SECRET_KEY=build DATABASE_URL=postgres://build BASE_URL=https://build.example EMAIL_URL=smtp://build \
    DEFAULT_FROM_EMAIL=build@build.example VM_EMAIL=build@build.example ENTRA_TENANT_ID=build ENTRA_CLIENT_ID=build \
    ENTRA_CLIENT_SECRET=build FIELD_ENCRYPTION_KEYS=build \
    python manage.py collectstatic --no-input --verbosity 0 \
    && useradd --system --uid 10001 passport \
    && install -d -o passport .local/media

USER passport
VOLUME /app/.local/media
EXPOSE 8000
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "--worker-tmp-dir", "/dev/shm", "passport.wsgi"]
