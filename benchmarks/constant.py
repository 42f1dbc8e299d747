"""The least that Flask can do: one word."""

from flask import Flask

app = Flask(__name__)
app.add_url_rule("/", view_func=lambda: "constant")
