"""The repository's address, from one place, wherever a page names it.

It stands in ``_config.yml`` (``repository.url``); the environment variable MML_REPOSITORY_URL overrides it
for forks. Prose may write ``{{ repository_url }}``, in code blocks too, and ``{{ repository_name }}`` for the
last part of it; ``{{ site_url }}`` is where the site is published (``html.baseurl``).
"""

import os
from urllib.parse import quote, urlencode, urlparse


def resolve(app, config):
    options = config.html_theme_options
    url = os.environ.get("MML_REPOSITORY_URL", options["repository_url"]).rstrip("/")
    config.repository_url = options["repository_url"] = url


def fill_in(app, docname, source):
    url = app.config.repository_url
    text = source[0].replace("{{ repository_url }}", url)
    text = text.replace("{{ site_url }}", app.config.html_baseurl.rstrip("/"))
    source[0] = text.replace("{{ repository_name }}", url.rsplit("/", 1)[-1])


def launch_links(app, pagename, templatename, context, doctree):
    """Give the page links to its source and, for a notebook, to the places that run it."""
    context["repository_url"] = app.config.repository_url
    if doctree is None:
        return
    path = os.path.relpath(app.env.doc2path(pagename), app.srcdir).replace(os.sep, "/")
    line, title = 1, app.env.titles[pagename].astext()
    links = []
    if lesson := app.lessons.get(pagename):
        alone = pagename.replace("notebooks/", "lessons/", 1)
        here = {"text": "Run in the browser", "icon": "play-circle", "url": run_page(app, pagename)}
        links = [here, *run_links(app, f"{lesson.chapter}.ipynb", f"{alone}.ipynb")]
        path, line = lesson.text, lesson.line
    elif pagename in app.chapter_texts:
        links = run_links(app, path, path)
        path = app.chapter_texts[pagename]
    context["launch_links"] = [*links, *source_links(app, path, line, f"{title} ({pagename})")]


def run_page(app, pagename):
    """The address of the page that opens a lesson's notebook in the browser (tools/build_lite.py)."""
    page = app.builder.get_relative_uri(pagename, "book/run_in_the_browser")
    return f"{page}?{urlencode({'lesson': pagename.removeprefix('notebooks/')}, safe='/')}"


def run_links(app, notebook, lesson):
    """Links to places that run a notebook; Binder also has one of the lesson alone (tools/cut_lessons.py)."""
    options = app.config.html_theme_options
    launch, branch = options["launch_buttons"], options["repository_branch"]
    slug = urlparse(app.config.repository_url).path.strip("/")
    binder = f"{launch['binderhub_url']}/v2/gh/{slug}/{branch}?urlpath={quote(f'lab/tree/{lesson}')}"
    colab = f"{launch['colab_url']}/github/{slug}/blob/{branch}/{notebook}"
    return [
        {"text": "Run on Binder", "icon": "rocket", "url": binder},
        {"text": "Open in Colab", "icon": "cloud", "url": colab},
    ]


def source_links(app, path, line, page):
    """Links to the text that one edits, to the editor for it, and to a report with the page's name."""
    url, branch = app.config.repository_url, app.config.html_theme_options["repository_branch"]
    report = urlencode({"title": page, "body": "What stands on the page, and what you expected:\n"})
    return [
        {"text": "Source", "icon": "code-slash", "url": f"{url}/blob/{branch}/{path}?plain=1#L{line}"},
        {"text": "Edit", "icon": "pencil", "url": f"{url}/edit/{branch}/{path}"},
        {"text": "Report a mistake", "icon": "flag", "url": f"{url}/issues/new?{report}"},
    ]


def setup(app):
    app.add_config_value("repository_url", "", "env")  # another address: read the pages again
    app.connect("config-inited", resolve)
    app.connect("source-read", fill_in)
    app.connect("html-page-context", launch_links)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
