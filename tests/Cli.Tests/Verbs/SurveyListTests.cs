using System.Runtime.CompilerServices;
using DataSsl.Cli.Survey;
using DataSsl.Jobs.Shared;
using DataSsl.Spaces;

namespace DataSsl.Cli.Tests.Verbs;

/// <summary>
/// The lists under surveys/ are what their headers say: made here again by rule, and each of their networks has its place.
/// </summary>
public sealed class SurveyListTests
{
    private static readonly int[] own = [64, 128, 256, 512];
    private static readonly int[] mobile = [16, 24, 32, 64, 96, 160, 320];

    [Fact]
    public void ResNets_are_the_grids_the_early_heavy_ones_and_those_with_names()
    {
        var plain = Grid([2, 3, 4], [2, 3, 4], [2, 3, 4], [2, 3, 4]).ToList();
        List<string> lines =
        [
            .. plain.Select(d => $"{(d.All(n => n == 2) ? "ResNet18" : $"basic-{Dashed(d)}")}: {Basic("BasicResNet", own, d)}"),
            $"ResNet34: {Basic("BasicResNet", own, [3, 4, 6, 3])}",
            .. plain.Concat(Grid([5, 6], [5, 6], [2, 3, 4], [2, 3, 4]))
                .Select(d => $"bottleneck-{Dashed(d)}: {Bottleneck("SurveyResNet", 64, own, d)}"),
            $"ResNet50: {Bottleneck("SurveyResNet", 64, own, [3, 4, 6, 3])}",
            $"ResNet101: {Bottleneck("SurveyResNet", 64, own, [3, 4, 23, 3])}",
            $"ResNet152: {Bottleneck("SurveyResNet", 64, own, [3, 8, 36, 3])}",
        ];
        Assert.Equal(81 + 1 + 81 + 36 + 3, lines.Count);
        Assert.Equal(lines, Lines("resnets.txt"));
    }

    [Fact]
    public void MobileNets_are_three_grids_and_thirteen_widths()
    {
        var rows = Grid([2, 3], [3, 4], [4, 5]).ToList();
        List<string> lines =
        [
            .. With(100, [3, 4]), .. Enumerable.Range(0, 13).Select(i => Network(120 + 15 * i, [2, 3, 4, 3, 3])),
            .. new[] { 120, 140, 160, 180 }.SelectMany(width => With(width, [5, 6])), .. With(100, [8, 10, 14, 20]),
        ];
        Assert.Equal(301, lines.Count);
        Assert.Equal(lines, Lines("mobilenets.txt"));

        IEnumerable<string> With(int width, int[] deep) =>
            from row in rows from last in Grid(deep, deep) select Network(width, [.. row, .. last]);

        static string Network(int percent, int[] depths)
        {
            var text = MobileNet("SurveyMobileNet", Rounded(32 * percent), [.. mobile.Select(c => Rounded(c * percent))], depths);
            return FormattableString.Invariant($"mobilenet-{percent / 100.0:0.00}-{Dashed(depths)}: {text}");
        }

        // torchvision's: to the nearest multiple of 8, and no more than a tenth less.
        static int Rounded(int hundredths)
        {
            var to = Math.Max(8, (hundredths + 400) / 800 * 8);
            return 1000 * to < 9 * hundredths ? to + 8 : to;
        }
    }

    [Fact]
    public void Small_ones_are_of_three_kinds()
    {
        var few = Grid([1, 2], [1, 2], [1, 2], [1, 2]).ToList();
        List<int[]> heavy = [.. Grid([3, 4], [3, 4], [1], [1]), .. Grid([1], [1], [3, 4], [3, 4])];
        List<string> lines =
        [
            .. few.Concat(heavy).Select(d => $"basic8-{Dashed(d)}: {Basic("SurveyBasic32", [8, 16, 32, 64], d)}"),
            .. Grid([2, 3], [2, 3], [2, 3], [2, 3]).Select(d => $"basic4-{Dashed(d)}: {Basic("SurveyBasic32", [4, 8, 16, 32], d)}"),
            .. few.Concat(heavy).Select(d => $"bottleneck4-{Dashed(d)}: {Bottleneck("SurveyBottleneck32", 8, [4, 8, 16, 32], d)}"),
            .. few.Select(d => $"bottleneck6-{Dashed(d)}: {Bottleneck("SurveyBottleneck32", 16, [6, 12, 24, 48], d)}"),
            .. Grid([1, 2], [1, 2], [2, 3], [1, 2], [1, 2])
                .Select(d => $"mobilenet8-{Dashed(d)}: {MobileNet("SurveyMobileNet32", 8, [8, 8, 8, 16, 24, 40, 80], d)}"),
        ];
        Assert.Equal(112, lines.Count);
        Assert.Equal(lines, Lines("small32.txt"));
    }

    /// <summary>Also that the small ones are as small as it takes to train them all on two processors.</summary>
    [Theory]
    [InlineData("resnets.txt", 202, 1e9, 13e9)]
    [InlineData("mobilenets.txt", 301, 0.2e9, 3e9)]
    [InlineData("small32.txt", 112, 0.5e6, 12e6)]
    public void Every_line_has_its_place(string list, int count, double least, double most)
    {
        var networks = SurveyNetwork.Read(new SpaceCatalogue(CompiledSpaces.All), PathOf(list));
        Assert.Equal(count, networks.Count);
        Assert.All(networks, network => Assert.True(network.Space.IsOnGrid(network.Architecture), network.Name));
        Assert.All(networks, network =>
            Assert.InRange(network.Space.Macs(network.Architecture, network.Space.InputSize), least, most));
    }

    [Fact]
    public void The_example_of_scenarios_is_read()
    {
        var scenarios = SurveyScenario.Read(PathOf("scenarios-example.txt"), labels: 1);
        Assert.Equal(["cifar10", "animals", "vehicles", "steel", "blood", "aerial", "cells"], scenarios.Select(s => s.Name));
        Assert.Equal(0.2, scenarios[0].Labels);
        Assert.Equal(6, scenarios[1].Classes!.Count);
        Assert.True(scenarios[4].CutsBoxes);
        Assert.EndsWith("surveys/data/bccd/ImageSets/Main/test.txt", scenarios[4].Test!.Replace('\\', '/'));
    }

    private static IEnumerable<int[]> Grid(params int[][] choices) => choices.Aggregate(
        (IEnumerable<int[]>)[[]], (begun, next) => from some in begun from one in next select (int[])[.. some, one]);

    private static string Dashed(int[] depths) => string.Join('-', depths);

    private static string Basic(string space, int[] widths, int[] depths) =>
        $"{space} stem={widths[0]} stage1={depths[0]} " + string.Join(' ', Enumerable.Range(1, 3).Select(i => Stage(i, widths, depths)));

    private static string Bottleneck(string space, int stem, int[] widths, int[] depths) =>
        $"{space} stem={stem} " + string.Join(' ', Enumerable.Range(0, 4).Select(i => Stage(i, widths, depths)));

    private static string Stage(int stage, int[] widths, int[] depths) => $"stage{stage + 1}={widths[stage]}x{depths[stage]}";

    /// <param name="depths">Of the rows between the first and the last, which have a block each.</param>
    private static string MobileNet(string space, int stem, int[] widths, int[] depths) =>
        $"{space} stem={stem} stage1=3x{widths[0]}x1 "
            + string.Join(' ', Enumerable.Range(1, 6).Select(i => $"stage{i + 1}=6x3x{widths[i]}x{(i == 6 ? 1 : depths[i - 1])}"));

    private static IEnumerable<string> Lines(string list) => File.ReadLines(PathOf(list)).Where(line => !line.StartsWith('#'));

    private static string PathOf(string list, [CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../surveys", list));
}
