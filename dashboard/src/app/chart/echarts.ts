/** As much of ECharts as the charts need: a chunk of its own, loaded with the first chart. */
import { BarChart, CustomChart, LineChart } from 'echarts/charts';
import { CalendarComponent, GridComponent, TooltipComponent } from 'echarts/components';
import { use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

use([BarChart, CalendarComponent, CanvasRenderer, CustomChart, GridComponent, LineChart, TooltipComponent]);

export { init } from 'echarts/core';
