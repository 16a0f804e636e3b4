using System;
using System.Collections.Generic;
using System.Linq;
using DataSsl.Generator.Plan;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Families;

/// <summary>
/// A kind of network: which choices its stem and stages offer, and how a space of it becomes a plan. One file a family, and nothing else of
/// it anywhere: a <see cref="FamilyAttribute"/> in that file makes it known.
/// </summary>
public abstract class Family
{
    /// <summary>Every family, by name.</summary>
    public static IReadOnlyList<Family> All { get; } =
    [
        .. typeof(Family).Assembly.GetCustomAttributes(typeof(FamilyAttribute), inherit: false).Cast<FamilyAttribute>()
            .Select(known => (Family)Activator.CreateInstance(known.Family)!).OrderBy(family => family.Name, StringComparer.Ordinal),
    ];

    /// <summary>The word in a space file.</summary>
    public abstract string Name { get; }

    /// <summary>Kinds of axes that the stem offers, in trie order.</summary>
    public abstract IReadOnlyList<string> StemAxes { get; }

    /// <summary>Kinds of axes that a stage offers, in trie order; stages count from 0.</summary>
    public abstract IReadOnlyList<string> StageAxes(int stage);

    /// <summary>The stem cuts the image into patches, whose side a space file gives as <c>patch</c>.</summary>
    public virtual bool HasPatches => false;

    /// <summary>The plan of a valid space, of whichever family it is.</summary>
    public static NetworkPlan PlanOf(Space space) =>
        All.FirstOrDefault(f => f.Name == space.Family)?.Lower(space)
            ?? throw new ArgumentException($"unknown family {space.Family}", nameof(space));

    /// <summary>Lowers a valid space to its plan.</summary>
    public abstract NetworkPlan Lower(Space space);

    /// <summary>
    /// How this program and others name the family's tensors, ours first. Made where it is asked for: a build never does, and pays for no
    /// pattern.
    /// </summary>
    public abstract IReadOnlyList<KeyScheme> Schemes { get; }

    /// <summary>Whether tensors of these names, in our own scheme, are of this family and no other that has the same scheme.</summary>
    public virtual bool Owns(ICollection<string> keys) => true;

    /// <summary>The choice of an axis of a stage; stages count from 0.</summary>
    protected static Quantity Choice(Space space, int stage, string kind) => Quantity.Of(space.AxisOf($"stage{stage + 1}", kind));

    /// <summary>A stage of which the first block differs from the others.</summary>
    protected static Segment Stage(Space space, int stage, string tap, Block first, Block other)
    {
        var (name, blocks) = ($"stage{stage + 1}", new List<Block> { first });
        var depth = space.AxisOf(name, "depth");
        while (blocks.Count < space.Axes[depth].Max) blocks.Add(other);
        return new(name, tap, depth, blocks.ToEquatableArray());
    }
}

/// <summary>
/// Says of this assembly that it has a family: <c>[assembly: Family(typeof(MobileNetV2))]</c>. Types are not looked through for them, which
/// would take longer at each start.
/// </summary>
/// <param name="family">Has a constructor without parameters.</param>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal sealed class FamilyAttribute(Type family) : Attribute
{
    public Type Family { get; } = family;
}
