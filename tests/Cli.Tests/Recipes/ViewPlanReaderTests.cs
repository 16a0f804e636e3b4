using DataSsl.Cli.Recipes;
using DataSsl.Generator.Parsing;
using DataSsl.Runtime;
using DataSsl.Runtime.Views;

namespace DataSsl.Cli.Tests.Recipes;

/// <summary>Plans of views that a recipe writes out.</summary>
public sealed class ViewPlanReaderTests
{
    private const string SslightDino = """
        name: sslight-dino-cnn
        crops:
          - name: global 1
            area: [0.3, 1]
            interpolation: bicubic
            flip: 0.5
            jitter: { chance: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.2, hue: 0.1 }
            gray: 0.2
            blur: { chance: 1, sigma: [0.1, 2] }
          - name: global 2
            area: [0.3, 1]
            interpolation: bicubic
            flip: 0.5
            jitter: { chance: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.2, hue: 0.1 }
            gray: 0.2
            blur: { chance: 0.1, sigma: [0.1, 2] }
            solarize: 0.2
          - name: local
            count: 6
            size: 128
            seen-by: student
            area: [0.05, 0.3]
            interpolation: bicubic
            flip: 0.5
            jitter: { chance: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.2, hue: 0.1 }
            gray: 0.2
            blur: { chance: 0.5, sigma: [0.1, 2] }
        pairs:
          - { target: global 1, prediction: global 2, weight: 0.2 }
          - { target: global 1, prediction: local, weight: 0.3 }
          - { target: global 2, prediction: global 1, weight: 0.2 }
          - { target: global 2, prediction: local, weight: 0.3 }
        """;

    [Fact]
    public void A_published_plan_can_be_written_out()
    {
        var (plan, published) = (Read(SslightDino), ViewPlan.Named("sslight-dino-cnn", 224));
        Assert.Equal(published.Views, plan!.Views);
        Assert.Equal(published.Terms.Select(t => (t.Target, t.Prediction)), plan.Terms.Select(t => (t.Target, t.Prediction)));
        Assert.All(published.Terms.Zip(plan.Terms), pair => Assert.Equal(pair.First.Weight, pair.Second.Weight, 12));
    }

    [Fact]
    public void Without_pairs_every_target_meets_every_other_view()
    {
        var plan = Read("crops: [{ name: big, count: 2, area: [0.4, 1] }, { name: small, count: 3, size: 96, seen-by: [student] }]")!;
        Assert.Equal(["big 1", "big 2", "small 1", "small 2", "small 3"], plan.Views.Select(view => view.Name));
        Assert.Equal([(0, 1), (1, 0), (0, 2), (0, 3), (0, 4), (1, 2), (1, 3), (1, 4)], plan.Terms.Select(t => (t.Target, t.Prediction)));
        Assert.Equal(1, plan.Terms.Sum(t => t.Weight), 12);
        Assert.Equal((224, 96), (plan.Views[0].Recipe.Size, plan.Views[2].Recipe.Size));
    }

    [Theory]
    [InlineData("crops: [{ name: a, blurr: 1 }, { name: b }]", "views.yaml(1,20): error DSG002: unknown key 'blurr', did you mean 'blur'?")]
    [InlineData("crops: [{ name: a, flip: 2 }, { name: b }]", "views.yaml(1,26): error DSG004: 'flip' must be a number from 0 to 1")]
    [InlineData("crops: [{ name: a, area: [0.5, 0.2] }, { name: b }]", "views.yaml(1,26): error DSG004: 'area' must be [low, high]")]
    [
        InlineData(
            "crops: [{ name: a, area: [0, 0.2] }, { name: b }]",
            "views.yaml(1,26): error DSG004: 'area' must be [low, high], each a number above 0 and up to 1"),
    ]
    [
        InlineData(
            "crops: [{ name: a, blur: { sigma: [1, 1000000000] } }, { name: b }]",
            "views.yaml(1,35): error DSG004: 'sigma' must be [low, high], each a number above 0 and up to 100"),
    ]
    [
        InlineData(
            "crops: [{ name: a, blur: { sigma: 1e9 } }, { name: b }]",
            "views.yaml(1,35): error DSG004: 'sigma' must be [low, high], each a number above 0 and up to 100"),
    ]
    [
        InlineData(
            "crops: [{ name: a, jitter: { brightness: 1e9 } }, { name: b }]",
            "views.yaml(1,42): error DSG004: 'brightness' must be a number from 0 to 10"),
    ]
    [
        InlineData(
            "crops: [{ name: a, seen-by: nobody }, { name: b }]",
            "views.yaml(1,29): error DSG004: 'seen-by' must be one of student, teacher"),
    ]
    [
        InlineData(
            "crops: [{ name: a }, { name: a }]",
            "views.yaml(1,22): error DSG008: 'a' is given twice; names that differ only in case count as one"),
    ]
    [InlineData("name: none", "views.yaml(1,1): error DSG003: views needs the key 'crops'")]
    [
        InlineData(
            "crops: [{ name: a }, { name: b }]\npairs: [{ target: a, prediction: c, weight: 1 }]",
            "views.yaml(2,34): error DSG004: 'prediction' must be one of a, b"),
    ]
    public void A_mistake_is_named_at_its_place(string text, string message)
    {
        var errors = new YamlErrors("views.yaml", text);
        var map = YamlMap.From(YamlReader.Read(text, errors), errors, "views")!;
        Assert.Null(new ViewPlanReader(new(errors), 224).Read(map));
        Assert.Equal(message, errors.InOrder[0].ToString());
    }

    [Fact]
    public void Weights_that_do_not_sum_to_one_are_refused()
    {
        var e = Assert.Throws<UserException>(
            () =>
                Read(
                    "crops: [{ name: a }, { name: b }]\npairs: [{ target: a, prediction: b, weight: 0.5 }, { target: b, prediction: a, "
                        + "weight: 0.4 }]"));
        Assert.Contains("sum to 0.9", e.Message, StringComparison.Ordinal);
    }

    private static ViewPlan? Read(string text)
    {
        var errors = new YamlErrors("views.yaml", text);
        var map = YamlMap.From(YamlReader.Read(text, errors), errors, "views")!;
        var plan = new ViewPlanReader(new(errors), 224).Read(map);
        Assert.Empty(errors.InOrder.Select(e => e.ToString()));
        return plan;
    }
}
