using DataSsl.Runtime.Data;
using DataSsl.Runtime.Views;

namespace DataSsl.Runtime.Tests.Views;

/// <summary>The named plans are the published ones, and what no step can be made of is refused.</summary>
public class ViewPlanTests
{
    public static TheoryData<string> Names() => new(ViewPlan.Names);

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_named_plan_can_be_made_at_every_size_and_says_the_same_each_time(string name)
    {
        foreach (var size in new[] { 4, 32, 64, 128, 224 })
        {
            var plan = ViewPlan.Named(name, size);
            plan.Check();
            Assert.Equal(1, plan.Terms.Sum(term => term.Weight), 12);
            Assert.Equal((name, size), (plan.Name, plan.Views.Max(view => view.Recipe.Size)));
            Assert.NotSame(plan, ViewPlan.Named(name, size));
            Assert.Equal(plan, ViewPlan.Named(name, size));
            Assert.Equal(plan.GetHashCode(), ViewPlan.Named(name, size).GetHashCode());
        }
        Assert.NotEqual(ViewPlan.Named(name, 64), ViewPlan.Named(name, 128));
    }

    [Fact]
    public void Plans_differ_by_name_view_or_term()
    {
        var plan = ViewPlan.MultiCrop(224);
        Assert.Equal(plan, plan with { Views = [.. plan.Views], Terms = [.. plan.Terms] });
        Assert.NotEqual(plan, plan with { Name = "other" });
        Assert.NotEqual(plan, plan with { Views = [plan.Views[0] with { Name = "other" }, .. plan.Views.Skip(1)] });
        Assert.NotEqual(plan, plan with { Terms = [.. plan.Terms.Skip(1)] });
        Assert.Equal(ViewPlan.Names.Count, ViewPlan.Names.Select(name => ViewPlan.Named(name, 224)).Distinct().Count());
    }

    /// <summary>
    /// SwAV and DINO: each of two globals is compared with every other crop. SSLight: its released settings; a baseline's share of global
    /// pairs is that of plain averaging.
    /// </summary>
    [Theory]
    [InlineData("multi-crop", 6, 96, 0.14, 1, 0.05, 0.14, 1.0 / 7)]
    [InlineData("dino", 8, 96, 0.4, 1, 0.05, 0.4, 1.0 / 9)]
    [InlineData("sslight-dino-cnn", 6, 128, 0.3, 1, 0.05, 0.3, 0.4)]
    [InlineData("sslight-dino-cnn-baseline", 6, 96, 0.14, 1, 0.05, 0.14, 1.0 / 7)]
    [InlineData("sslight-dino-vit", 10, 128, 0.3, 1, 0.05, 0.3, 0.4)]
    [InlineData("sslight-dino-vit-baseline", 10, 96, 0.25, 1, 0.05, 0.25, 1.0 / 11)]
    [InlineData("sslight-swav-cnn", 6, 128, 0.3, 1, 0.05, 0.3, 0.4)]
    [InlineData("sslight-swav-cnn-baseline", 6, 96, 0.14, 1, 0.05, 0.14, 1.0 / 7)]
    public void Crops_and_pairs_are_as_published(
        string name, int locals, int side, double low, double high, double localLow, double localHigh, double ofGlobals)
    {
        var plan = ViewPlan.Named(name, 224);
        // SwAV has no teacher; its own plan is used with such objectives as have one too.
        var seenBy = name.StartsWith("sslight-swav", StringComparison.Ordinal)
            ? ViewRoles.Student
            : ViewRoles.Student | ViewRoles.Teacher;
        Assert.Equal(2 + locals, plan.Views.Count);
        Assert.All(
            plan.Views.Take(2),
            view =>
                Assert.Equal(
                    (224, new Interval(low, high), seenBy),
                    (view.Recipe.Size, view.Recipe.Area, view.Roles)));
        Assert.All(
            plan.Views.Skip(2),
            view =>
                Assert.Equal(
                    (side, new Interval(localLow, localHigh), ViewRoles.Student), (view.Recipe.Size, view.Recipe.Area, view.Roles)));
        Assert.Equal(2 * (1 + locals), plan.Terms.Count);
        Assert.All(plan.Terms, term => Assert.InRange(term.Target, 0, 1));
        var (global, local) = (plan.Terms.Where(term => term.Prediction < 2).ToArray(),
            plan.Terms.Where(term => term.Prediction >= 2).ToArray());
        Assert.Equal((2, 2 * locals), (global.Length, local.Length));
        Assert.All(global, term => Assert.Equal(ofGlobals / 2, term.Weight, 12));
        Assert.All(local, term => Assert.Equal((1 - ofGlobals) / (2 * locals), term.Weight, 12));
    }

    /// <summary>SSLight: one view for the teacher; the other global one and six local ones for the student, a term for each.</summary>
    [Theory]
    [InlineData("sslight-moco-cnn", 128, 0.3, 0.4)]
    [InlineData("sslight-moco-cnn-baseline", 96, 0.14, 1.0 / 7)]
    public void MoCo_s_key_is_of_the_first_view_alone(string name, int side, double split, double ofGlobals)
    {
        var plan = ViewPlan.Named(name, 224);
        Assert.Equal(
            [ViewRoles.Teacher, .. Enumerable.Repeat(ViewRoles.Student, 7)], plan.Views.Select(view => view.Roles));
        Assert.Equal(
            [.. Enumerable.Repeat((224, new Interval(split, 1)), 2), .. Enumerable.Repeat((side, new Interval(0.05, split)), 6)],
            plan.Views.Select(view => (view.Recipe.Size, view.Recipe.Area)));
        Assert.Equal(Enumerable.Range(1, 7).Select(view => (0, view)), plan.Terms.Select(term => (term.Target, term.Prediction)));
        Assert.Equal(ofGlobals, plan.Terms[0].Weight, 12);
        Assert.All(plan.Terms.Skip(1), term => Assert.Equal((1 - ofGlobals) / 6, term.Weight, 12));
    }

    [Fact]
    public void Colours_blur_and_solarize_are_as_published()
    {
        string[] swav = ["multi-crop", "sslight-swav-cnn", "sslight-swav-cnn-baseline"];
        foreach (var (name, view) in swav.SelectMany(name => ViewPlan.Named(name, 224).Views.Select(view => (name, view))))
        {
            var recipe = view.Recipe;
            Assert.Equal(
                (0.8, 0.8, 0.8, 0.8, 0.2, 0.2),
                (recipe.JitterChance, recipe.Brightness, recipe.Contrast, recipe.Saturation, recipe.Hue, recipe.GrayChance));
            Assert.Equal(
                (0.5, new Interval(0.1, 2), 0.0, name == "multi-crop" ? Interpolation.Bilinear : Interpolation.Bicubic),
                (recipe.BlurChance, recipe.BlurSigma, recipe.SolarizeChance, recipe.Interpolation));
        }
        string[] asymmetric =
        [
            "byol", "dino", "sslight-dino-cnn", "sslight-dino-cnn-baseline", "sslight-dino-vit", "sslight-dino-vit-baseline",
            "sslight-moco-cnn", "sslight-moco-cnn-baseline",
        ];
        foreach (var name in asymmetric)
        {
            var views = ViewPlan.Named(name, 224).Views;
            foreach (var recipe in views.Select(view => view.Recipe))
            {
                Assert.Equal(
                    (0.8, 0.4, 0.4, 0.2, 0.1, 0.2),
                    (recipe.JitterChance, recipe.Brightness, recipe.Contrast, recipe.Saturation, recipe.Hue, recipe.GrayChance));
                Assert.Equal(
                    (0.5, new Interval(0.1, 2), Interpolation.Bicubic), (recipe.FlipChance, recipe.BlurSigma, recipe.Interpolation));
            }
            (double, double)[] wanted = [(1, 0), (0.1, 0.2), .. views.Skip(2).Select(_ => (0.5, 0.0))];
            Assert.Equal(wanted, views.Select(view => (view.Recipe.BlurChance, view.Recipe.SolarizeChance)));
        }
    }

    [Fact]
    public void Two_views_are_the_students_the_teachers_or_both_as_published()
    {
        var (student, teacher) = (ViewRoles.Student, ViewRoles.Teacher);
        Assert.Equal([student, teacher], ViewPlan.MoCoV2(224).Views.Select(view => view.Roles));
        Assert.Equal([student, teacher], ViewPlan.ReSsl(224).Views.Select(view => view.Roles));
        Assert.Equal([student, student], ViewPlan.SimClr(224).Views.Select(view => view.Roles));
        Assert.Equal([student | teacher, student | teacher], ViewPlan.Byol(224).Views.Select(view => view.Roles));
        Assert.Equal([new(1, 0, 1)], ViewPlan.ReSsl(224).Terms);
        Assert.Equal([new(0, 1, 0.5), new(1, 0, 0.5)], ViewPlan.Byol(224).Terms);
        Assert.Equal([ViewRecipe.MoCoV2(224), ViewRecipe.Weak(224)], ViewPlan.ReSsl(224).Views.Select(view => view.Recipe));
        Assert.Equal(new(0.08, 1), ViewPlan.SimClr(224).Views[1].Recipe.Area);
    }

    [Theory]
    [InlineData("multi-crop", 224, 4, 96)]
    [InlineData("multi-crop", 128, 4, 56)]
    [InlineData("multi-crop", 64, 4, 28)]
    [InlineData("multi-crop", 32, 4, 12)]
    [InlineData("sslight-dino-cnn", 32, 4, 20)]
    [InlineData("sslight-dino-vit", 224, 16, 128)]
    [InlineData("sslight-dino-vit", 96, 16, 48)]
    [InlineData("multi-crop", 32, 16, 16)]
    [InlineData("multi-crop", 4, 4, 4)]
    public void Local_sides_keep_their_share_to_the_nearest_multiple(string name, int size, int multiple, int side) =>
        Assert.Equal(side, ViewPlan.Named(name, size, multiple).Views[^1].Recipe.Size);

    [Fact]
    public void Six_local_views_cost_little_more_pixels_than_one_global_one()
    {
        var plan = ViewPlan.MultiCrop(224);
        Assert.Equal(2 * 224 * 224 + 6 * 96 * 96, plan.Pixels);
        Assert.Equal(1.55, plan.Pixels / (double)ViewPlan.SimClr(224).Pixels, 2);
    }

    [Fact]
    public void An_unknown_name_is_answered_with_the_names()
    {
        var fault = Assert.Throws<UserException>(() => ViewPlan.Named("mocov2", 224)).Message;
        Assert.Equal($"view plan 'mocov2': unknown; the plans are {string.Join(", ", ViewPlan.Names)}", fault);
        Assert.Subset(
            ViewPlan.Names.ToHashSet(),
            new HashSet<string> { "moco-v2", "simclr", "byol", "ressl", "multi-crop", "sslight-dino-cnn", "sslight-moco-cnn" });
    }

    public static TheoryData<ViewPlan, string> Faults()
    {
        var (plan, both) = (ViewPlan.Byol(32), ViewRoles.Student | ViewRoles.Teacher);
        var (first, second) = (plan.Views[0], plan.Views[1]);
        return new()
        {
            { plan with { Views = [] }, "needs at least one view and one term" },
            { plan with { Views = [first, first] }, "two views have the same name" },
            { plan with { Terms = [new(0, 1, 0.5), new(0, 1, 0.5)] }, "two terms compare the same views" },
            { plan with { Terms = [new(0, 2, 1)] }, "a term names view 2; the views are 0 to 1" },
            { plan with { Terms = [new(1, 1, 1)] }, "a term compares view 1 with itself" },
            { plan with { Terms = [new(0, 1, 0.5), new(1, 0, 0.4)] }, "the weights of the terms sum to 0.9, not to 1" },
            { plan with { Terms = [new(0, 1, 1.5), new(1, 0, -0.5)] }, "the weight -0.5 of views 1 and 0 must be positive" },
            { plan with { Terms = [new(0, 1, 1)] }, "view 'second' is shown to the teacher, but is the target of no term" },
            {
                plan with { Views = [first, second with { Roles = ViewRoles.Teacher }] },
                "a term needs the student's output on view 'second', which the student does not see"
            },
            { plan with { Views = [first, second, new("third", first.Recipe, both)] }, "view 'third' enters no term" },
            { plan with { Views = [first with { Roles = 0 }, second], Terms = [new(0, 1, 1)] }, "view 'first' is shown to no network" },
            {
                plan with { Views = [first, second with { Recipe = second.Recipe with { Size = 0 } }] },
                "view 'second': the view size 0 must be positive"
            },
        };
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_plan_that_no_step_can_be_made_of_is_refused(ViewPlan plan, string fault) =>
        Assert.Equal($"view plan byol: {fault}", Assert.Throws<UserException>(plan.Check).Message);
}
