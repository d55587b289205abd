"""The repository's address, from one place, wherever a page names it.

It stands in ``_config.yml`` (``repository.url``); the environment variable MML_REPOSITORY_URL overrides it
for forks. Prose may write ``{{ repository_url }}``, in code blocks too, and ``{{ repository_name }}`` for the
last part of it.
"""

import os
from urllib.parse import urlparse


def resolve(app, config):
    options = config.html_theme_options
    url = os.environ.get("MML_REPOSITORY_URL", options["repository_url"]).rstrip("/")
    config.repository_url = options["repository_url"] = url


def fill_in(app, docname, source):
    url = app.config.repository_url
    text = source[0].replace("{{ repository_url }}", url)
    source[0] = text.replace("{{ repository_name }}", url.rsplit("/", 1)[-1])


def launch_links(app, pagename, templatename, context, doctree):
    """Give the page links to its source and, for a notebook, to the places that run it."""
    options = app.config.html_theme_options
    url, branch, launch = options["repository_url"], options["repository_branch"], options["launch_buttons"]
    context["repository_url"] = url
    if doctree is None:
        return
    path = os.path.relpath(app.env.doc2path(pagename), app.srcdir).replace(os.sep, "/")
    links = []
    if path.endswith(".ipynb"):
        slug = urlparse(url).path.strip("/")
        colab = f"{launch['colab_url']}/github/{slug}/blob/{branch}/{path}"
        binder = f"{launch['binderhub_url']}/v2/gh/{slug}/{branch}?urlpath=lab/tree/{path}"
        links = [
            {"text": "Run on Binder", "icon": "rocket", "url": binder},
            {"text": "Open in Colab", "icon": "cloud", "url": colab},
        ]
    source = {"text": "Source", "icon": "code-slash", "url": f"{url}/blob/{branch}/{path}"}
    context["launch_links"] = [*links, source]


def setup(app):
    app.add_config_value("repository_url", "", "env")  # another address: read the pages again
    app.connect("config-inited", resolve)
    app.connect("source-read", fill_in)
    app.connect("html-page-context", launch_links)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
