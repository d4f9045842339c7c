"""The presets as a list: preset_list.py over preset_row.py and search_field.py."""
