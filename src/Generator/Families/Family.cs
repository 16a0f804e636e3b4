using System.Collections.Generic;
using DataSsl.Generator.Model;
using DataSsl.Generator.Plan;

namespace DataSsl.Generator.Families;

/// <summary>A kind of network: which choices its stem and stages offer, and how a space of it becomes a plan. One file a family, and nothing else of it anywhere.</summary>
public abstract class Family
{
    public static IReadOnlyList<Family> All { get; } = [new ResNetBottleneck()];

    /// <summary>The word in a space file.</summary>
    public abstract string Name { get; }

    /// <summary>Kinds of axes that the stem offers, in trie order.</summary>
    public abstract IReadOnlyList<string> StemAxes { get; }

    /// <summary>Kinds of axes that a stage offers, in trie order; stages count from 0.</summary>
    public abstract IReadOnlyList<string> StageAxes(int stage);

    /// <summary>The stem cuts the image into patches, whose side a space file gives as <c>patch</c>.</summary>
    public virtual bool HasPatches => false;

    /// <summary>Lowers a valid space to its plan.</summary>
    public abstract NetworkPlan Lower(Space space);
}
