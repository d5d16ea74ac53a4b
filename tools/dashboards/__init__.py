"""The dashboards as code: `make dashboards` builds them with grafana-foundation-sdk into grafana/dashboards."""
