using DataSsl.Runtime;

namespace DataSsl.Demo;

/// <summary>Paints the content of one class on a canvas.</summary>
internal delegate void Scene(Canvas canvas, Palette palette, ref CounterRandom random);

/// <summary>Draws the colours of one picture. All classes of a domain share it, so colour alone cannot tell them apart.</summary>
internal delegate Palette PaletteSource(ref CounterRandom random);

/// <summary>One image domain: its classes in display order and the colours they share.</summary>
internal sealed record DemoDomain(string Name, PaletteSource PaletteOf, IReadOnlyList<(string Label, Scene Paint)> Classes)
{
    /// <summary>The domains of the demo.</summary>
    public static IReadOnlyList<DemoDomain> All { get; } =
    [
        new("aerial", Palette.Land,
        [
            ("dunes", AerialSurfaces.Dunes),
            ("field", AerialFields.Rows),
            ("forest", AerialTrees.Forest),
            ("orchard", AerialTrees.Orchard),
            ("pivots", AerialFields.Pivots),
            ("road", AerialBuilt.Road),
            ("roofs", AerialBuilt.Roofs),
            ("water", AerialSurfaces.Water),
        ]),
        new("cells", Palette.Smear,
        [
            ("chains", CellsBacteria.Chains),
            ("clusters", CellsBacteria.Clusters),
            ("discs", CellsBlood.Discs),
            ("lobed", CellsBlood.Lobed),
            ("rods", CellsBacteria.Rods),
            ("sickles", CellsBlood.Sickles),
            ("spirals", CellsBacteria.Spirals),
            ("targets", CellsBlood.Targets),
        ]),
    ];

    public static DemoDomain Find(string name) =>
        All.FirstOrDefault(d => d.Name == name)
        ?? throw new ArgumentException(
            $"There is no demo domain '{name}'; there are {string.Join(" and ", All.Select(d => d.Name))}.", nameof(name));

    public Scene SceneOf(string label) =>
        Classes.FirstOrDefault(c => c.Label == label).Paint
        ?? throw new ArgumentException(
            $"The demo domain '{Name}' has no class '{label}'; it has {string.Join(", ", Classes.Select(c => c.Label))}.", nameof(label));
}
