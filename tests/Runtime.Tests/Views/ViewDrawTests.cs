using DataSsl.Runtime.Views;

namespace DataSsl.Runtime.Tests.Views;

/// <summary>What is drawn follows the recipe's distributions, and nothing but the key.</summary>
public class ViewDrawTests
{
    private const int Count = 20000;

    private static ViewDraw[] Draws(ViewRecipe recipe, int width = 640, int height = 480) =>
        [.. Enumerable.Range(0, Count).Select(image => ViewDraw.For(recipe, width, height, seed: 5, step: 7, image, view: 1))];

    [Fact]
    public void Moco_v2_is_the_published_recipe()
    {
        var recipe = ViewRecipe.MoCoV2(224);
        Assert.Equal((new Interval(0.2, 1), new Interval(0.75, 4.0 / 3), 0.5), (recipe.Area, recipe.Aspect, recipe.FlipChance));
        Assert.Equal((0.8, 0.4, 0.4, 0.4, 0.1), (recipe.JitterChance, recipe.Brightness, recipe.Contrast, recipe.Saturation, recipe.Hue));
        Assert.Equal(
            (0.2, 0.5, new Interval(0.1, 2), 0.0), (recipe.GrayChance, recipe.BlurChance, recipe.BlurSigma, recipe.SolarizeChance));
    }

    [Fact]
    public void Chances_are_as_the_recipe_says()
    {
        var draws = Draws(ViewRecipe.MoCoV2(224) with { SolarizeChance = 0.3 });
        AssertRate(0.5, draws, draw => draw.Placement.Across.Step < 0);
        AssertRate(0.8, draws, draw => draw.Order.Length == 4);
        AssertRate(0.2, draws, draw => draw.Gray);
        AssertRate(0.5, draws, draw => draw.BlurSigma > 0);
        AssertRate(0.3, draws, draw => draw.Solarize);
        var jittered = draws.Where(draw => draw.Order.Length == 4).ToArray();
        Assert.Equal(24, jittered.Select(draw => string.Concat(draw.Order)).Distinct().Count());
        for (var first = 0; first < 4; first++) AssertRate(0.25, jittered, draw => draw.Order[0] == (JitterStep)first);
        Assert.All(jittered, draw => Assert.All(draw.Factors, factor => Assert.InRange(factor, 0.6, 1.4)));
        Assert.All(jittered, draw => Assert.InRange(draw.Hue, -0.1, 0.1));
        Assert.InRange(jittered.Average(draw => draw.Factors[1]), 0.99, 1.01);
    }

    [Fact]
    public void Crops_lie_inside_and_cover_areas_and_places_evenly()
    {
        var boxes = Draws(ViewRecipe.MoCoV2(224), 400, 400).Select(draw => draw.Placement.Box).ToArray();
        Assert.All(
            boxes, box => Assert.True(box is { Left: >= 0, Top: >= 0 } && box.Left + box.Width <= 400 && box.Top + box.Height <= 400));
        Assert.All(boxes, box => Assert.InRange((double)box.Width / box.Height, 0.74, 1.35));
        // Below an area of 0.75 no draw is rejected, so the areas there are uniform.
        var small = boxes.Select(box => box.Width * box.Height / 160000.0).Where(area => area < 0.7).ToArray();
        AssertRate(0.5, small, area => area < 0.45);
        AssertRate(0.2, small, area => area < 0.3);
        AssertRate(0.5, boxes.Where(box => box.Width < 390).ToArray(), box => box.Left > (400 - box.Width) / 2.0, slack: 0.02);
    }

    [Fact]
    public void An_image_too_long_for_any_crop_falls_back_to_its_middle()
    {
        var box = ViewDraw.For(ViewRecipe.MoCoV2(32) with { Area = new(1, 1) }, 900, 30, 0, 0, 0, 0).Placement.Box;
        Assert.Equal((430, 0, 40, 30), (box.Left, box.Top, box.Width, box.Height));
    }

    [Fact]
    public void Step_image_view_and_seed_each_change_the_draw()
    {
        var recipe = ViewRecipe.MoCoV2(32);
        (ulong Seed, long Step, int Image, int View)[] keys =
        [
            (1, 2, 3, 0), (2, 2, 3, 0), (1, 3, 3, 0), (1, 2, 4, 0), (1, 2, 3, 1), (1, 3, 2, 0),
        ];
        var areas = keys.Select(key => ViewDraw.For(recipe, 3000, 2000, key.Seed, key.Step, key.Image, key.View).Placement.Box);
        Assert.Equal(keys.Length, areas.Distinct().Count());
    }

    /// <summary>
    /// Runs that were begun go on with the views that they would have had: the draws of MoCo v2's query and key, as they were before there
    /// were plans.
    /// </summary>
    [Theory]
    [InlineData(0, 0, "156 66 295 272 mirrored", "", 1.0, 0.0, false, 0.0)]
    [InlineData(0, 1, "145 33 333 335 mirrored", "Brightness Saturation Hue Contrast", 0.9588664812475276, 0.018450924549800213, true, 0.0)]
    [
        InlineData(
            0, 2, "257 81 338 263 mirrored", "Brightness Saturation Contrast Hue", 1.0195467448088509, 0.003783362969673007, false,
            1.8125524976006318),
    ]
    [InlineData(1, 0, "263 104 318 329 mirrored", "", 1.0, 0.0, false, 0.0)]
    [InlineData(1, 1, "165 39 463 381 mirrored", "Contrast Saturation Brightness Hue", 1.149301978978361, 0.08183375648832389, false, 0.0)]
    [InlineData(1, 2, "197 9 417 453", "", 1.0, 0.0, false, 1.6425769927402931)]
    public void Draws_of_MoCo_v2_stay_what_they_are(
        int view, int image, string crop, string order, double brightness, double hue, bool gray, double sigma)
    {
        var draw = ViewDraw.For(ViewPlan.MoCoV2(224).Views[view].Recipe, 640, 480, seed: 9, step: 3, image, view);
        var box = draw.Placement.Box;
        Assert.Equal(crop, $"{box.Left} {box.Top} {box.Width} {box.Height}{(draw.Placement.Across.Step < 0 ? " mirrored" : "")}");
        Assert.Equal(order, string.Join(' ', draw.Order));
        Assert.Equal((brightness, hue, gray, sigma), (draw.Factors[0], draw.Hue, draw.Gray, draw.BlurSigma));
    }

    [Theory]
    [InlineData(1.5, 0.1, "the probability 1.5 must lie in [0, 1]")]
    [InlineData(0.5, 0.6, "the hue jitter 0.6 must lie in [0, 0.5]")]
    public void A_recipe_out_of_bounds_is_refused(double flip, double hue, string fault)
    {
        var recipe = ViewRecipe.MoCoV2(32) with { FlipChance = flip, Hue = hue };
        Assert.Equal($"view recipe: {fault}", Assert.Throws<UserException>(recipe.Check).Message);
    }

    private static void AssertRate<T>(double wanted, T[] items, Func<T, bool> condition, double slack = 0.015) =>
        Assert.InRange(items.Count(condition) / (double)items.Length, wanted - slack, wanted + slack);
}
