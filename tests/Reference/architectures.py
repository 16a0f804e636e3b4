"""Architectures of random spaces as plain networks of their family."""
import networks

networks.record(__file__)
