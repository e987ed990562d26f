"""Run the chat server: `python example_server.py`."""

from chat_server.__main__ import main

if __name__ == "__main__":
    main()
