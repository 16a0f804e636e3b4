namespace DataSsl.Search.Report;

/// <summary>The tooltip: the page says everything without it. Written without angle brackets and ampersands, as <see cref="Style"/> is.</summary>
internal static class Script
{
    public const string Text = """

        document.querySelectorAll('.chart').forEach(function (chart) {
          var tip = document.getElementById('tip');
          var dots = chart.dataset.dots.split('|').slice(0, -1).map(function (dot) { return dot.split(','); });
          function show(text, x, y) {
            tip.textContent = text;
            tip.hidden = false;
            tip.style.left = Math.max(8, Math.min(x + 14, innerWidth - tip.offsetWidth - 8)) + 'px';
            tip.style.top = Math.max(8, Math.min(y + 14, innerHeight - tip.offsetHeight - 8)) + 'px';
          }
          function hide() { tip.hidden = true; }
          chart.addEventListener('pointermove', function (event) {
            var winner = event.target.closest('.winner');
            if (winner) return show(winner.dataset.tip, event.clientX, event.clientY);
            var at = new DOMPoint(event.clientX, event.clientY).matrixTransform(chart.getScreenCTM().inverse());
            var near = dots.reduce(function (best, dot) {
              var distance = Math.hypot(dot[0] - at.x, dot[1] - at.y);
              return Math.min(distance, best.distance) === best.distance ? best : { distance: distance, dot: dot };
            }, { distance: 12, dot: null }).dot;
            if (near) show(near[2] + ' MACs, ' + near[3] + ' parameters, score ' + near[4] + '; ' + near[5], event.clientX, event.clientY);
            else hide();
          });
          chart.addEventListener('pointerleave', hide);
          chart.querySelectorAll('.winner').forEach(function (winner) {
            winner.addEventListener('focus', function () { var box = winner.getBoundingClientRect(); show(winner.dataset.tip, box.right, box.bottom); });
            winner.addEventListener('blur', hide);
          });
        });

        """;
}
