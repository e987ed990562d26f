"""What tests stand on: one clock, clients, servers, a screen, a story and a model of the chat."""
