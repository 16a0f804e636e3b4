"""The networks that anchors are named after: torchvision's, or a plain definition where Debian's torchvision does not have it."""
import networks

networks.record(__file__)
