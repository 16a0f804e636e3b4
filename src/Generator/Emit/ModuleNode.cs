using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using DataSsl.Generator.Plan;

namespace DataSsl.Generator.Emit;

/// <summary>A module of an emitted class, as state-dict names tell: a layer, or the modules below a common name.</summary>
/// <param name="Name">Key below the owner's; empty for a layer that belongs to none.</param>
internal sealed record ModuleNode(string Name, Layer? Layer, IReadOnlyList<ModuleNode> Children)
{
    /// <summary>Numbered children are a Sequential's; named ones make a class of its own.</summary>
    public bool IsSequential => Layer is null && AreNumbered(Children);

    public bool HasState => Layer?.HasState ?? true;

    public IEnumerable<Layer> Layers => Layer is null ? Children.SelectMany(c => c.Layers) : [Layer];

    /// <summary>The tree of layers in order of execution; those below a name follow one another.</summary>
    public static IReadOnlyList<ModuleNode> Of(IEnumerable<Layer> layers, int depth = 0)
    {
        var nodes = new List<ModuleNode>();
        var rest = layers.ToList();
        while (rest.Count > 0)
        {
            var path = rest[0].Name.Split('.');
            if (path.Length <= depth + 1)
            {
                nodes.Add(new(path[path.Length - 1], rest[0], []));
                rest.RemoveAt(0);
                continue;
            }
            var name = path[depth];
            var below = rest.TakeWhile(l => l.Name.Split('.') is var p && p.Length > depth + 1 && p[depth] == name).ToList();
            nodes.Add(new(name, null, Of(below, depth + 1)));
            rest.RemoveRange(0, below.Count);
        }
        return nodes;
    }

    public static bool AreNumbered(IEnumerable<ModuleNode> nodes) =>
        nodes.All(n => int.TryParse(n.Name, NumberStyles.None, CultureInfo.InvariantCulture, out _));
}
