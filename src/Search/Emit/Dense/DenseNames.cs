using DataSsl.Runtime;

namespace DataSsl.Search.Emit.Dense;

/// <summary>Which names an emitted detector or segmenter can have.</summary>
public static class DenseNames
{
    private const string Probe = "ProbeClassName", ProbeNamespace = "ProbeNamespaceName";

    /// <summary>
    /// Passes names under which its classes compile; a <see cref="UserException"/> says what is wrong with others.
    /// </summary>
    public static void Check(DenseSpec spec)
    {
        var probe = spec with
        {
            ClassName = Probe,
            Network = spec.Network with { ClassName = Probe + "Backbone", Namespace = ProbeNamespace },
        };
        var (source, pure) = spec.Head is FcosSpec fcos
            ? (DetectorClass.Source(probe, fcos), DetectorPureClass.Source(probe, fcos))
            : (SegmenterClass.Source(probe, (FcnSpec)spec.Head), SegmenterPureClass.Source(probe, (FcnSpec)spec.Head));
        EmittedNames.Check(spec.Plan, spec.ClassName, spec.Network.Namespace, source, pure);
    }
}
