using System.Collections.Generic;
using System.Linq;
using DataSsl.Generator.Plan;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Emit;

internal sealed partial class SupernetEmitter
{
    /// <summary>The typed architecture: one field an axis, each of its own type, so that a wrong axis does not compile.</summary>
    private void EmitArchitecture()
    {
        w.Summary(
            $"An architecture of <see cref=\"{space.Name}\"/>: a choice for each axis. Any prefix of the largest network is legal, on the grid or off it.");
        var fields = string.Join(", ", space.Axes.Select(a => $"{Names.Of(a)} {Names.Of(a)}"));
        w.Block($"public readonly record struct Arch({fields})", () =>
        {
            w.Summary("The largest network: every weight of the supernet.");
            w.Line($"public static Arch Max {{ get; }} = {Construct(space.Max)};").Line();
            w.Summary("The smallest network on the grid.");
            w.Line($"public static Arch Min {{ get; }} = {Construct(space.Min)};").Line();
            foreach (var anchor in space.Anchors)
            {
                var choices = anchor.Choices;
                w.Summary(
                    $"{Names.Giga(plan.Macs(choices, space.InputSize))} GMACs at {space.InputSize} pixels, {Names.Mega(plan.Parameters(choices))} M parameters.");
                w.Line($"public static Arch {anchor.Name} {{ get; }} = {Construct(anchor.Choices)};").Line();
            }
            w.Summary($"How many architectures the grid holds: {Names.Grouped(space.Count)}.");
            w.Line($"public const long Count = {Digits.Of(space.Count)};").Line();
            w.Summary("Position on the grid, 0 to Count - 1; throws for an architecture off the grid.");
            w.Line("public long Index => Space.IndexOf(this);").Line();
            w.Summary("The architecture at a position of the grid.");
            w.Line("public static Arch FromIndex(long index) => (Arch)Space.FromIndex(index);").Line();
            w.Summary("A uniform draw from the grid.");
            w.Line("public static Arch Sample(ref CounterRandom random) => (Arch)Space.Sample(ref random);").Line();
            w.Summary(
                "Reads <see cref=\"ToString\"/>'s form, an anchor's name or <c>#index</c>; throws a UserException that says what is "
                    + "wrong.");
            w.Line("public static Arch Parse(string text) => (Arch)Space.Parse(text);").Line();
            new CostFormula(plan).Emit(w);
            w.Line();
            w.Line("/// <inheritdoc/>");
            w.Line("public override string ToString() => ((Architecture)this).ToString();").Line();
            w.Summary("The form that the runtime works with.");
            w.Line(
                $"public static implicit operator Architecture(Arch a) => new(Space, {string.Join(", ", space.Axes.Select(a => "a." + Names.Of(a)))});").Line();
            w.Summary("Back to the typed form; throws if it belongs to another space.");
            w.Block("public static explicit operator Arch(Architecture a)", () =>
            {
                w.Line("a.MustBeOf(Space);");
                w.Line($"return new({string.Join(", ", space.Axes.Select((a, i) => $"({Names.Of(a)})a[{i}]"))});");
            });
        });
        w.Line();
    }

    private string Construct(EquatableArray<int> choices) =>
        $"new({string.Join(", ", space.Axes.Select((a, i) => a.Values.Contains(choices[i]) ? $"{Names.Of(a)}.{Member(a, choices[i])}" : $"({Names.Of(a)}){Digits.Of(choices[i])}"))})";

    private static string Member(Axis axis, int value) => $"{axis.Kind.Substring(0, 1).ToUpperInvariant()}{Digits.Of(value)}";

    private void EmitAxes()
    {
        w.Line("#pragma warning disable CS1591 // A choice is the number that its name ends in.").Line();
        for (var i = 0; i < space.Axes.Count; i++)
        {
            var (axis, type) = (space.Axes[i], Names.Of(space.Axes[i]));
            w.Summary($"{Names.Pascal(axis.Kind)} of the {axis.Segment}: {Names.Choices(axis)} on the grid, {axis.Accepted} as a slice.");
            w.Block($"public readonly record struct {type}", () =>
            {
                foreach (var value in axis.Values) w.Line($"public static {type} {Member(axis, value)} => new({Digits.Of(value)});");
                w.Line($"private {type}(int value) => Value = value;");
                w.Line("public int Value { get; }");
                w.Line($"public static implicit operator int({type} choice) => choice.Value;");
                w.Line($"public static explicit operator {type}(int value) => new(Space.CheckChoice({i}, value));");
            });
            w.Line();
        }
        w.Line("#pragma warning restore CS1591").Line();
    }

    /// <summary>What the runtime knows of the space, costs included, without reflection.</summary>
    private void EmitDefinition()
    {
        w.Summary("The space as the runtime sees it.");
        w.Line("public static SearchSpace Space { get; } = new Definition();").Line();
        w.Nested("private sealed class Definition() : SearchSpace(", () =>
        {
            w.Line(
                $"name: {Names.Literal(space.Name)}, family: {Names.Literal(space.Family)}, hash: {Names.Literal(plan.Hash())}, weightsHash: {Names.Literal(plan.WeightsHash())},");
            w.Line($"inputChannels: {space.InputChannels}, inputSize: {space.InputSize}, reduction: {plan.Reduction},");
            w.Line("axes:").Line("[");
            foreach (var axis in space.Axes)
                w.Line($"    new({Names.Literal(axis.Segment)}, {Names.Literal(axis.Kind)}, [{Names.List(axis.Values)}]),");
            w.Line("],").Line("segments:").Line("[");
            foreach (var s in plan.Segments)
                w.Line(
                    $"    new({Names.Literal(s.Name)}, {Names.Literal(s.Tap)}, DepthAxis: {Digits.Of(s.DepthAxis)}, Blocks: {s.Blocks.Count}, ChannelFactor: {Digits.Of(s.Out.Factor)}, ChannelAxis: {Digits.Of(s.Out.Axes.Count == 0 ? -1 : s.Out.Axes[0])}, Axes: [{Names.List(AxesOf(s))}]),");
            w.Line("],").Line("anchors:").Line("[");
            foreach (var anchor in space.Anchors) w.Line($"    new({Names.Literal(anchor.Name)}, [{Names.List(anchor.Choices)}]),");
            w.Line("],");
            EmitLanguage();
            w.Line("source: \"\"\"");
            foreach (var line in SpaceText.ToYaml(space).TrimEnd('\n').Split('\n')) w.Line("    " + line);
            w.Line("    \"\"\")");
        });
        w.Braces(() =>
        {
            w.Line("public override long Macs(Architecture architecture, int size) => ((Arch)architecture).Macs(size);").Line();
            w.Line("public override long ConvWeights(Architecture architecture) => ((Arch)architecture).ConvWeights();").Line();
            w.Line("public override long Parameters(Architecture architecture) => ((Arch)architecture).Parameters();").Line();
            w.Line($"public override Supernet CreateSupernet(ParameterStore weights) => new {space.Name}(weights);");
            if (plan.Templates.Any(IsDroppable)) w.Line().Line("public override bool HasDropPath => true;");
        });
    }

    /// <summary>What only some space files have: patches, a grid of input sizes, constraints, budgets.</summary>
    private void EmitLanguage()
    {
        if (space.PatchSize > 0) w.Line($"patch: {space.PatchSize},");
        if (space.InputSizes.Count > 1) w.Line($"inputSizes: [{Names.List(space.InputSizes)}],");
        if (space.Constraints.Count > 0) w.Line("constraints:").Line("[");
        foreach (var c in space.Constraints)
            w.Line(
                $"    new(Left: {Digits.Of(c.Left)}, {Names.Literal(c.Relation)}, Right: {Digits.Of(c.Right)}{(c.Right < 0 ? $", {Digits.Of(c.Value)}" : "")}), // {c.Over(space.Axes)}");
        if (space.Constraints.Count > 0) w.Line("],");
        if (space.Budgets.Count > 0) w.Line("budgets:").Line("[");
        foreach (var budget in space.Budgets) w.Line($"    new({Names.Literal(budget.Name)}, {Names.Literal(budget.Text)}),");
        if (space.Budgets.Count > 0) w.Line("],");
    }

    private IEnumerable<int> AxesOf(Segment segment) =>
        Enumerable.Range(0, space.Axes.Count).Where(i => space.Axes[i].Segment == segment.Name);
}
