"""Run the chat client: `python example_client.py [--host HOST] [--port PORT] [--name NAME]`."""

from chat_tui.__main__ import main

if __name__ == "__main__":
    main()
