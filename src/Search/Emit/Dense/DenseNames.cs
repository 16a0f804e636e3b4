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
        string[] sources = probe.Pure is var (pure, _) ? [probe.Head.Source(probe), pure] : [probe.Head.Source(probe)];
        EmittedNames.Check(spec.Plan, spec.ClassName, spec.Network.Namespace, sources);
    }
}
