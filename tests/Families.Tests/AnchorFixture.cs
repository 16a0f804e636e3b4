using DataSsl.Runtime.Supernets;
using DataSsl.Spaces;

namespace DataSsl.Families.Tests;

/// <summary>A handcrafted network: an anchor of a space, and what is published of it.</summary>
/// <param name="Peer">Its name in torchvision; empty where torchvision of Debian does not have it, and a plain definition stands
/// in.</param>
/// <param name="Sizes">Sides of the images that it is compared on.</param>
public sealed record AnchorCase(string Name, SearchSpace Space, string Peer, long Parameters, params int[] Sizes)
{
    public const int Classes = 1000;

    public PeerCase AsPeer() =>
        Peer.Length == 0 ? PeerCase.Plain(Name, Space.Parse(Name), Classes, Sizes) : new(Name, Space.Parse(Name), Peer, Classes, Sizes);
}

/// <summary>What the reference networks gave, for all anchors.</summary>
public sealed class AnchorFixture() : PeerNetworks("anchors", [.. Cases.Select(c => c.AsPeer())])
{
    public static IReadOnlyList<AnchorCase> Cases { get; } =
    [
        new("ResNet18", BasicResNet.Space, "resnet18", 11_689_512, 64),
        new("ResNet34", BasicResNet.Space, "resnet34", 21_797_672, 64),
        new("ResNet50", DataResNet.Space, "resnet50", 25_557_032, 64),
        new("ResNet101", DataResNet.Space, "resnet101", 44_549_160, 64),
        new("MobileNetV2", MobileNets.Space, "mobilenet_v2", 3_504_872, 64, 97),
        new("ViTTi16", VisionTransformers.Space, "", 5_717_416, 224, 160),
    ];
}
