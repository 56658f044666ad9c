"""The OpenAPI document's predictions, and the page that shows the document."""
